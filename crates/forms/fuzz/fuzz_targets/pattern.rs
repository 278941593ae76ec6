//! Any pattern on any text ends, and soon (run with `-timeout=2`).
//!
//! Input: the pattern in the first line, then the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use roost_forms::{Field, Method, validate};

fuzz_target!(|text: &str| {
    let (pattern, value) = text.split_once('\n').unwrap_or((text, ""));
    let method = Method::Regex(pattern.to_owned());
    let field = Field::text("field").with_validation("xs:string", method);
    let _ = validate(&field, &[value]);
    let _ = validate(&field, &[value.repeat(64)]);
});
