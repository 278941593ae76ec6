//! Any two forms, one edited and then updated by the other: edits live only where they may, and
//! the same update a second time is no news.
//!
//! Input: the two forms, between them a line with `--`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use minidom::Element;
use roost_forms::{Draft, Form, Merge};

fuzz_target!(|text: &str| {
    let read = |xml: &str| xml.parse::<Element>().ok().and_then(|x| Form::read(&x));
    let Some((first, second)) = text.split_once("\n--\n") else {
        return;
    };
    let (Some((first, _)), Some((second, _))) = (read(first), read(second)) else {
        return;
    };
    let mut draft = Draft::new(first.clone());
    for (var, field) in first.named() {
        let mut values = field.values.clone();
        values.push("1".to_owned());
        let kept = draft.edit(var, values).is_ok() || draft.is_edited(var);
        assert!(!draft.is_edited(var) || (kept && field.is_editable()));
    }
    draft.merge(second.clone());
    for var in draft.edits().keys() {
        assert!(second.field(var).is_some_and(|field| field.is_editable()), "{var}");
    }
    draft.post_back(None);
    assert_eq!(draft.merge(second), Merge::default());
});
