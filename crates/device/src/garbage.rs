//! Values that make no sense, to see what others make of them. None is empty: an empty `<val/>`
//! crashes the thesis' firmware, which may listen.

use roost_model::Val;

const NONSENSE: [(&str, &str); 8] = [
    ("float", "NaN"),
    ("float", "22,43"),
    ("float", "1e400"),
    ("boolean", "maybe"),
    ("uint", "-1"),
    ("quaternion", "1 2 3 4"),
    ("int", "\u{202e}42"),
    ("string", "<b onmouseover='alert(1)'>hot</b>"),
];

/// The next piece of nonsense; goes round.
pub(crate) fn val(number: usize) -> Val {
    let (kind, text) = NONSENSE[number % NONSENSE.len()];
    Val::from_wire(text, Some(kind), None, None)
}
