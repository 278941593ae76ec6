//! How much of a form is kept.
//!
//! A form comes from a device or a server that may be broken or hostile, so everything in it is
//! bounded. The bounds are far above what people fill in (a form of a thousand fields is read
//! whole) and far below what hurts. What is beyond is cut or left out, with the warning
//! [`TooLarge`](crate::WarningKind::TooLarge). Text that is only shown may be cut; names and
//! values are kept whole or not at all, because half a value is a wrong value.

/// Fields of a form, columns of a report, and fields of one row.
pub const MAX_FIELDS: usize = 2_048;
/// Rows of a report.
pub const MAX_ITEMS: usize = 10_000;
/// Options of one list.
pub const MAX_OPTIONS: usize = 2_048;
/// Values of one field.
pub const MAX_VALUES: usize = 2_048;
/// Instructions of a form, URIs of a media element, texts and references of one section.
pub const MAX_PARTS: usize = 2_048;
/// Media elements of one field, and URIs of one media element.
pub const MAX_MEDIA: usize = 8;
/// Sections inside sections; the page is the first level.
pub const MAX_DEPTH: usize = 8;
/// Bytes of a `var`.
pub const MAX_VAR_BYTES: usize = 1_024;
/// Bytes of a title, a label or a datatype.
pub const MAX_LABEL_BYTES: usize = 1_024;
/// Bytes of instructions, a description, an error or a text of a layout.
pub const MAX_TEXT_BYTES: usize = 8_192;
/// Bytes of a value.
pub const MAX_VALUE_BYTES: usize = 65_536;
/// Bytes of a form altogether: its text, and a little for each thing that has a text.
pub const MAX_FORM_BYTES: usize = 4 * 1_024 * 1_024;
/// Bytes of a picture or a sound that comes along with a form (XEP-0231), decoded.
pub const MAX_BITS_BYTES: usize = 128 * 1_024;
/// Warnings about one form; later ones are not recorded.
pub const MAX_WARNINGS: usize = 256;
