//! A form as data: what was read, in the order in which it came.

use serde::{Deserialize, Serialize};

/// `type` of `<x xmlns='jabber:x:data'/>` (XEP-0004, section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FormKind {
    /// To be filled in.
    #[default]
    Form,
    /// Filled in.
    Submit,
    /// Taken back.
    Cancel,
    /// A report.
    Result,
}

/// A data form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// What it is for.
    pub kind: FormKind,
    /// Its title. Hostile text.
    pub title: Option<String>,
    /// Instructions, one per element. Hostile text.
    pub instructions: Vec<String>,
    /// The fields, in order.
    pub fields: Vec<Field>,
    /// Pages (XEP-0141); empty where the form has no layout.
    pub pages: Vec<Section>,
    /// Column headers of a report.
    pub reported: Vec<Field>,
    /// Rows of a report: the fields of each item.
    pub items: Vec<Vec<Field>>,
}

/// The ten types of XEP-0004 and the three that the thesis' client and firmware add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldKind {
    /// On or off.
    Boolean,
    /// Text of the form itself.
    Fixed,
    /// Returned as it came, not shown.
    Hidden,
    /// Several JIDs.
    JidMulti,
    /// A JID.
    JidSingle,
    /// Several of a list.
    ListMulti,
    /// One of a list.
    ListSingle,
    /// Lines of text.
    TextMulti,
    /// A text that is not shown while typing.
    TextPrivate,
    /// A line of text; also every type we do not know (with a warning).
    #[default]
    TextSingle,
    /// Thesis: pressed, not held.
    Button,
    /// Thesis: a heading, its text in the label.
    Header,
    /// Thesis: a number between two others, published when the drag ends.
    Slider,
}

/// A field of a form. Its `Debug` does not print values of `text-private` fields.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name; absent only on fixed fields and headers.
    pub var: Option<String>,
    /// Its type.
    pub kind: FieldKind,
    /// Whether `kind` was written; a submit form may leave it out.
    pub kind_declared: bool,
    /// Shown beside it. Hostile text.
    pub label: Option<String>,
    /// Longer help. Hostile text.
    pub description: Option<String>,
    /// Must be answered.
    pub required: bool,
    /// Its values as they came: at most one where the type says so (the rest is a warning).
    pub values: Vec<String>,
    /// Something was too long to keep, so `values` or `options` are not all there. Such a field
    /// is never sent back unless it was edited.
    pub incomplete: bool,
    /// Choices of a list.
    pub options: Vec<Choice>,
    /// Validation rules (XEP-0122).
    pub validate: Option<Validation>,
    /// `min`, `max`, `steps` of a slider, as the thesis writes them; `step` is the step's size.
    pub slider: Option<SliderRange>,
    /// Flags of XEP-0336.
    pub dynamic: Dynamic,
    /// Pictures and sounds beside it (XEP-0221).
    pub media: Vec<Media>,
}

/// A choice of a list field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown, where it differs. Hostile text.
    pub label: Option<String>,
}

/// Flags of XEP-0336, section 3.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dynamic {
    /// The form must be posted back when this field was edited.
    pub post_back: bool,
    /// Shown, not to be changed.
    pub read_only: bool,
    /// The value is not the same for all, or not known: shown as undefined until edited.
    pub not_same: bool,
    /// What is wrong with the value, by the other side. Hostile text.
    pub error: Option<String>,
}

/// `min`, `max` and step of a slider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SliderRange {
    /// The least value.
    pub min: f64,
    /// The greatest value; greater than `min`.
    pub max: f64,
    /// The size of a step; positive.
    pub step: f64,
}

/// `<validate xmlns='http://jabber.org/protocol/xdata-validate'/>` (XEP-0122).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// The datatype as written; `xs:string`, or empty, where absent.
    pub datatype: String,
    /// How the value is checked.
    pub method: Method,
    /// How many of a list may be chosen: least and most.
    pub list_range: Option<(Option<u32>, Option<u32>)>,
}

/// The validation methods of XEP-0122, section 3.2.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The value is of the datatype, and one of the options where there are any.
    #[default]
    Basic,
    /// As basic, but values beside the options are allowed.
    Open,
    /// Between two values, either of which may be absent.
    Range {
        /// The least.
        min: Option<String>,
        /// The greatest.
        max: Option<String>,
    },
    /// Matches a POSIX extended regular expression.
    Regex(String),
}

/// A page or a section of a layout (XEP-0141).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Shown above it. Hostile text.
    pub label: Option<String>,
    /// What is in it, in order.
    pub parts: Vec<Part>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Text to show. Hostile.
    Text(String),
    /// A section inside the section.
    Section(Section),
    /// A field, by its name.
    Field(String),
    /// The report.
    Report,
}

/// A media element (XEP-0221).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Wanted size in pixels.
    pub width: Option<u16>,
    /// Wanted size in pixels.
    pub height: Option<u16>,
    /// Where to get it: media type and URI, in order of preference.
    pub uris: Vec<(String, String)>,
}

/// What was odd about a form. A form is always read; these say what had to be assumed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Warning {
    /// The field it is about.
    pub var: Option<String>,
    /// What it is.
    pub kind: WarningKind,
}

/// Kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// The form's type is missing or unknown; read as `form`.
    FormType,
    /// The field's type is missing in a form, or unknown; read as text-single.
    FieldType,
    /// A field that needs a `var` has none; left out.
    NoVar,
    /// A second field of the same `var`; left out.
    DuplicateVar,
    /// More values than the type allows; the first counts.
    TooManyValues,
    /// A list without options.
    NoOptions,
    /// Required and read-only at once; read as not required.
    RequiredReadOnly,
    /// Least greater than greatest, or not a number: the range is ignored.
    BadRange,
    /// The validation is contradictory or unknown; read as basic.
    BadValidation,
    /// The layout names something that is not there.
    BadReference,
    /// Something was longer, deeper or more than we keep, and was cut.
    TooLarge,
}
