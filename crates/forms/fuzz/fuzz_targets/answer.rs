//! Any form and any edits: the answer has a reason why not, or the other side takes it.
//!
//! Input: the form, a line with `--`, then lines `var=value`; a repeated `var` has several values.

#![no_main]

use libfuzzer_sys::fuzz_target;
use minidom::Element;
use roost_forms::{Edits, Form, accept, answer};

fuzz_target!(|text: &str| {
    let (xml, entered) = text.split_once("\n--\n").unwrap_or((text, ""));
    let Some((form, _)) = xml.parse::<Element>().ok().and_then(|x| Form::read(&x)) else {
        return;
    };
    let mut edits = Edits::new();
    for (var, value) in entered.lines().filter_map(|line| line.split_once('=')) {
        edits.entry(var.to_owned()).or_default().push(value.to_owned());
    }
    match answer(&form, &edits) {
        Err(errors) => assert!(!errors.is_empty()),
        Ok(submit) => {
            let wire = String::from(&submit.write());
            let arrived = wire.parse::<Element>().expect("it is XML");
            let (arrived, _) = Form::read(&arrived).expect("it is a form");
            assert!(accept(&form, &arrived).is_ok(), "{wire}");
        }
    }
});
