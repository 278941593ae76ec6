//! A form that changes while somebody fills it in (XEP-0336).

use roost_forms::{Draft, Field, FieldErrorCode, Form, FormKind, Merge, Wrapper};

use crate::common::{fixture, parse, read};

fn draft(name: &str) -> Draft {
    Draft::new(read(&fixture(name)).0)
}

fn text(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

fn shown(draft: &Draft, var: &str) -> Field {
    draft.shown().field(var).unwrap().clone()
}

fn names(vars: &[&str]) -> Vec<String> {
    text(vars)
}

#[test]
fn a_choice_brings_the_next_field() {
    let mut draft = draft("0336-post-back");
    assert!(!draft.wants_post_back("floor"));
    assert_eq!(draft.edit("floor", text(&["1"])), Ok(()));
    assert!(draft.wants_post_back("floor"));

    let posted = draft.post_back(Some("de".to_owned())).write();
    assert_eq!(
        String::from(&posted),
        "<submit xmlns='urn:xmpp:xdata:dynamic' xml:lang='de'>\
         <x xmlns='jabber:x:data' type='submit'>\
         <field type='hidden' var='xdd session'>\
         <value>5d0e3c5e-8a5b-4b43-a1a6-0f0f6b7f7c11</value></field>\
         <field var='floor'><value>1</value></field></x></submit>"
    );

    let merge = draft.merge(read(&fixture("0336-post-back-result")).0);
    assert_eq!(
        merge,
        Merge {
            added: names(&["room"]),
            ..Merge::default()
        }
    );
    assert!(!draft.is_edited("floor"), "the other side has it now");
    assert_eq!(shown(&draft, "floor").values, ["1"]);
}

#[test]
fn what_is_typed_survives_an_update() {
    let mut draft = draft("0336-unknown-yet");
    assert_eq!(
        draft.edit("output", text(&["70000"])).unwrap_err().code,
        FieldErrorCode::TooGreat
    );
    let (
        Wrapper::Updated {
            session_variable,
            form,
            ..
        },
        _,
    ) = Wrapper::read(&parse(&updated(&fixture("0336-known-now")))).unwrap()
    else {
        panic!("an update");
    };
    assert!(draft.concerns(&session_variable, &form));
    let merge = draft.merge(form);
    assert_eq!(
        merge,
        Merge {
            changed: names(&["output"]),
            ..Merge::default()
        }
    );
    assert_eq!(shown(&draft, "output").values, ["70000"]);
    assert_eq!(
        draft.answer().unwrap_err()[0].code,
        FieldErrorCode::TooGreat
    );

    draft.revert("output");
    assert_eq!(shown(&draft, "output").values, ["49152"]);
    assert_eq!(draft.answer().unwrap().value("output"), Some("49152"));
}

fn updated(form: &str) -> String {
    let xmlns = "urn:xmpp:xdata:dynamic";
    format!("<updated xmlns='{xmlns}' sessionVariable='xdd session' xml:lang='en'>{form}</updated>")
}

#[test]
fn an_update_for_another_form_is_not_ours() {
    let draft = draft("0336-unknown-yet");
    let other =
        |session: &str| Form::new(FormKind::Form).with(Field::hidden("xdd session", session));
    assert!(draft.concerns(
        "xdd session",
        &other("5d0e3c5e-8a5b-4b43-a1a6-0f0f6b7f7c11")
    ));
    assert!(!draft.concerns("xdd session", &other("another")));
    assert!(!draft.concerns("output", &other("another")));
    assert!(!draft.concerns("nothing", &other("another")));
    let nameless = Draft::new(other(""));
    assert!(
        !nameless.concerns("xdd session", &other("")),
        "an empty session is none"
    );
}

#[test]
fn a_value_that_is_not_the_same_for_all_is_sent_only_once_it_was_edited() {
    let mut draft = draft("0336-not-same");
    assert!(shown(&draft, "address").dynamic.not_same);
    assert_eq!(draft.answer().unwrap().value("address"), None);
    draft.edit("address", text(&["7"])).unwrap();
    draft.edit("address", text(&["1"])).unwrap();
    assert!(
        !shown(&draft, "address").dynamic.not_same,
        "the person said 1, also for the others"
    );
    assert_eq!(draft.answer().unwrap().value("address"), Some("1"));
    let same = draft.form().clone();
    assert_eq!(draft.merge(same), Merge::default());
    assert!(!shown(&draft, "address").dynamic.not_same);
    draft.revert("address");
    assert_eq!(draft.answer().unwrap().value("address"), None);
}

#[test]
fn an_error_goes_when_the_field_is_edited_and_may_come_back() {
    let mut draft = draft("0336-error");
    let with_error = draft.form().clone();
    assert!(shown(&draft, "formula").dynamic.error.is_some());
    draft.edit("formula", text(&["sqrt(t]"])).unwrap();
    assert_eq!(shown(&draft, "formula").dynamic.error, None);
    draft.merge(with_error);
    assert!(shown(&draft, "formula").dynamic.error.is_some());
    assert_eq!(shown(&draft, "formula").values, ["sqrt(t]"]);
}

#[test]
fn the_update_decides_on_fields_order_and_properties() {
    let form = |fields: Vec<Field>| {
        fields
            .into_iter()
            .fold(Form::new(FormKind::Form), Form::with)
    };
    let mut draft = Draft::new(form(vec![
        Field::text("kept").with_value("old"),
        Field::text("gone"),
        Field::text("locked"),
        Field::text("quiet").with_value("old"),
        Field::hidden("session", "1"),
    ]));
    for var in ["kept", "gone", "locked"] {
        draft.edit(var, text(&["mine"])).unwrap();
    }
    let merge = draft.merge(form(vec![
        Field::text("new"),
        Field::text("quiet").with_value("theirs"),
        Field::text("locked").read_only(),
        Field::text("kept")
            .with_value("old")
            .with_label("New label"),
    ]));
    let expected = Merge {
        added: names(&["new"]),
        removed: names(&["gone"]),
        changed: names(&["quiet"]),
        dropped: names(&["locked"]),
    };
    assert_eq!(merge, expected);
    let order: Vec<_> = draft
        .shown()
        .fields
        .into_iter()
        .filter_map(|field| field.var)
        .collect();
    assert_eq!(order, ["new", "quiet", "locked", "kept"]);
    assert_eq!(shown(&draft, "kept").label.as_deref(), Some("New label"));
    assert_eq!(shown(&draft, "kept").values, ["mine"]);
    assert_eq!(draft.edits().len(), 1);
}

#[test]
fn going_back_to_what_was_there_is_no_edit() {
    let mut draft = draft("0336-read-only");
    draft.edit("rename", text(&["true"])).unwrap();
    assert!(draft.wants_post_back("rename"));
    draft.edit("rename", text(&["false"])).unwrap();
    assert!(!draft.is_edited("rename"));
    let locked = draft.edit("id", text(&["Sensor 2"])).unwrap_err();
    assert_eq!(locked.code, FieldErrorCode::ReadOnly);
    let unknown = draft.edit("nothing", Vec::new()).unwrap_err();
    assert_eq!(unknown.code, FieldErrorCode::NoSuchField);
    assert!(draft.edits().is_empty());
}

#[test]
fn only_a_dynamic_form_is_cancelled_with_its_fields() {
    let dynamic = draft("0336-post-back").cancel().unwrap();
    assert_eq!(
        String::from(&dynamic.write()),
        "<cancel xmlns='urn:xmpp:xdata:dynamic'><x xmlns='jabber:x:data' type='submit'>\
         <field type='hidden' var='xdd session'>\
         <value>5d0e3c5e-8a5b-4b43-a1a6-0f0f6b7f7c11</value></field></x></cancel>"
    );
    assert_eq!(
        Wrapper::read(&dynamic.write()).unwrap().0.form().kind,
        FormKind::Submit
    );
    assert_eq!(draft("0004-form").cancel(), None);
    assert_eq!(
        String::from(&Form::new(FormKind::Cancel).write()),
        "<x xmlns='jabber:x:data' type='cancel'/>"
    );
}

#[test]
fn wrappers_of_others_are_not_ours() {
    let cases = [
        "<submit xmlns='urn:other'><x xmlns='jabber:x:data' type='submit'/></submit>",
        "<submit xmlns='urn:xmpp:xdata:dynamic'/>",
        "<updated xmlns='urn:xmpp:xdata:dynamic'><x xmlns='jabber:x:data' type='form'/></updated>",
        "<other xmlns='urn:xmpp:xdata:dynamic'><x xmlns='jabber:x:data' type='form'/></other>",
    ];
    for xml in cases {
        assert_eq!(Wrapper::read(&parse(xml)), None, "{xml}");
    }
}

#[test]
fn nothing_typed_is_printed() {
    let mut draft = draft("0004-form");
    draft.edit("code", text(&["secret of the door"])).unwrap();
    let answer = Form {
        title: Some("answer".to_owned()),
        ..draft.shown()
    };
    assert!(!format!("{draft:?} {answer:?} {:?}", draft.post_back(None)).contains("secret of"));
}
