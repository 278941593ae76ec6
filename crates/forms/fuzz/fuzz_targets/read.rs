//! Any text is no XML, no form, or a form that settles: written and read again it stays the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use minidom::Element;
use roost_forms::{Bits, Form, Wrapper, limits};

fuzz_target!(|text: &str| {
    let Ok(element) = text.parse::<Element>() else {
        return;
    };
    Bits::read(&element);
    if let Some((wrapper, _)) = Wrapper::read(&element) {
        assert!(Wrapper::read(&wrapper.write()).is_some());
    }
    if let Some((form, warnings)) = Form::read(&element) {
        assert!(warnings.len() <= limits::MAX_WARNINGS);
        form.layout();
        form.rows().for_each(drop);
        let (once, _) = Form::read(&form.write()).expect("a form stays a form");
        let (twice, _) = Form::read(&once.write()).expect("a form stays a form");
        assert_eq!(once, twice);
    }
});
