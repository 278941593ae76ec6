//! One form for each example form of the specifications, in the words of this house: how it is
//! read, laid out and answered. The name begins with the number of the XEP.

use roost_forms::{Form, FormKind, answer};

use crate::common::{edits, fixture, read, view};

type Entered = &'static [(&'static str, &'static [&'static str])];

/// The examples, and what is entered into them.
const EXAMPLES: &[(&str, Entered)] = &[
    (
        "0004-form",
        &[
            ("name", &["Kitchen"]),
            ("purpose", &["Cooking, mostly.\nIt's where everybody is."]),
            ("guests", &["true"]),
            ("code", &[" 4711 "]),
            ("finds", &["door", "light"]),
            (
                "people",
                &[
                    "romeo@example.org",
                    " nurse@example.org",
                    "ROMEO@example.org",
                    "",
                ],
            ),
        ],
    ),
    ("0004-submit", &[]),
    ("0004-result", &[]),
    ("0004-search-form", &[("wanted", &["lamp"])]),
    ("0004-search-submit", &[]),
    ("0004-search-result", &[]),
    ("0050-list-result", &[]),
    ("0050-stage-1", &[("circuit", &["floor"])]),
    ("0050-stage-1-submit", &[]),
    ("0050-stage-2", &[("modes", &["2"]), ("state", &["on"])]),
    ("0050-stage-2-submit", &[]),
    ("0050-stage-1-again", &[]),
    ("0122-datatype", &[("on.date", &["tomorrow"])]),
    ("0122-basic", &[("on.date", &["2026-11-22T06:30:00Z "])]),
    ("0122-open", &[("scene", &["reading"])]),
    ("0122-range", &[("on.date", &["2026-12-01T00:00:00+01:00"])]),
    ("0122-regex", &[("serial", &["ABC-12-345"])]),
    (
        "0122-list-range",
        &[("tell-by", &["sound", "mail", "light"])],
    ),
    (
        "0122-prefix",
        &[("date/from", &["2026-02-29"]), ("date/to", &["2025-12-31"])],
    ),
    ("0141-plain", &[("name.short", &["Rose"])]),
    (
        "0141-pages",
        &[
            ("name.short", &["Rose"]),
            ("name.long", &["House of the rose"]),
            ("contact", &["Juliet"]),
            ("jid", &["juliet@example.org"]),
        ],
    ),
    ("0141-sections", &[("jid", &["not a jid@"])]),
    ("0141-nested", &[]),
    ("0141-table", &[]),
    ("0221-audio", &[("heard", &["7 4 1"])]),
    ("0221-image", &[("ocr", &["7nHL3"])]),
    (
        "0331-color",
        &[("glow", &["#B5651D"]), ("veil", &["b5651dff"])],
    ),
    ("0336-post-back", &[("floor", &["1"])]),
    ("0336-post-back-result", &[("room", &["kitchen"])]),
    ("0336-read-only", &[("id", &["Sensor 2"])]),
    ("0336-not-same", &[]),
    ("0336-error", &[("formula", &["sqrt(t)"])]),
    ("0336-unknown-yet", &[("output", &["0"])]),
    ("0336-known-now", &[("output", &["65536"])]),
    ("0336-submit", &[]),
];

#[test]
fn every_example_form_is_read_and_answered() {
    for (name, entered) in EXAMPLES.iter().copied() {
        let (form, warnings) = read(&fixture(name));
        let mut story = view(&form, &warnings);
        if form.kind == FormKind::Form {
            story.push_str(&answered(&form, entered));
        }
        insta::assert_snapshot!(name, story);
        let (again, _) = Form::read(&form.write()).unwrap();
        assert_eq!(
            view(&again, &[]),
            view(&form, &[]),
            "{name}, written and read again"
        );
    }
}

fn answered(form: &Form, entered: Entered) -> String {
    let entered = edits(entered.iter().copied());
    let mut story = format!("entered {entered:?}\n");
    match answer(form, &entered) {
        Ok(submit) => {
            story.push_str(&String::from(&submit.write()).replace("<field", "\n  <field"))
        }
        Err(errors) => errors.iter().for_each(|error| {
            story.push_str(&format!("? {error} {:?}\n", error.value));
        }),
    }
    story
}
