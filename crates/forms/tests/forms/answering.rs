//! Both sides of an answer: what the app sends, and what a device takes.

use roost_forms::{
    Choice, Edits, Field, FieldErrorCode, FieldKind, Form, FormKind, Method, Validation, accept,
    answer, posted_back, validate,
};

use crate::common::edits;

fn form(fields: impl IntoIterator<Item = Field>) -> Form {
    fields
        .into_iter()
        .fold(Form::new(FormKind::Form), Form::with)
}

fn settings() -> Form {
    form([
        Field::hidden("FORM_TYPE", "urn:example:settings"),
        Field::header("General"),
        Field::text("name").with_value("Kettle").required(),
        Field::number("interval", Some(1.0), Some(3600.0)).with_value("60"),
        Field::boolean("sound").required(),
        Field::list("mode", [("eco", "Economical"), ("", "None")]).with_value("eco"),
        Field::text("serial").with_value("47-11").read_only(),
        Field::button("blink"),
        Field::fixed("That is all."),
    ])
}

/// What a device takes from an answer, or what it complains about.
fn taken(form: &Form, submit: &Form) -> Result<Edits, Vec<(String, FieldErrorCode)>> {
    let arrived = Form::read(&submit.write()).unwrap().0;
    accept(form, &arrived).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| (error.var, error.code))
            .collect()
    })
}

#[test]
fn a_device_gets_what_was_shown_and_what_was_changed() {
    let entered = edits([
        ("interval", &[" 90 "][..]),
        ("mode", &[""]),
        ("blink", &["1"]),
    ]);
    let submit = answer(&settings(), &entered).unwrap();
    let expected = edits([
        ("name", &["Kettle"][..]),
        ("interval", &["90"]),
        ("sound", &["0"]),
        ("mode", &[""]),
        ("blink", &["1"]),
    ]);
    assert_eq!(taken(&settings(), &submit), Ok(expected));
    assert_eq!(submit.form_type(), Some("urn:example:settings"));
}

#[test]
fn a_device_checks_again() {
    let submit = |fields: &[(&str, &str)]| {
        fields
            .iter()
            .fold(Form::new(FormKind::Submit), |form, (var, value)| {
                form.with(Field {
                    kind_declared: false,
                    ..Field::text(*var).with_value(*value)
                })
            })
    };
    let good = [("name", "Pot"), ("sound", "true")];
    let accepted = taken(&settings(), &submit(&good));
    assert_eq!(
        accepted,
        Ok(edits([("name", &["Pot"][..]), ("sound", &["1"])]))
    );

    type Case<'a> = (&'a [(&'a str, &'a str)], &'a [(&'a str, FieldErrorCode)]);
    let cases: &[Case<'_>] = &[
        (
            &[],
            &[
                ("name", FieldErrorCode::Required),
                ("sound", FieldErrorCode::Required),
            ],
        ),
        (
            &[("name", "")],
            &[
                ("name", FieldErrorCode::Required),
                ("sound", FieldErrorCode::Required),
            ],
        ),
        (
            &[good[0], good[1], ("interval", "0")],
            &[("interval", FieldErrorCode::TooSmall)],
        ),
        (
            &[good[0], good[1], ("mode", "turbo")],
            &[("mode", FieldErrorCode::NotAnOption)],
        ),
        (
            &[good[0], good[1], ("serial", "1")],
            &[("serial", FieldErrorCode::ReadOnly)],
        ),
        (
            &[good[0], good[1], ("FORM_TYPE", "x")],
            &[("FORM_TYPE", FieldErrorCode::ReadOnly)],
        ),
        (
            &[good[0], good[1], ("serial", "47-11"), ("unknown", "x")],
            &[],
        ),
    ];
    for (fields, errors) in cases {
        let found = taken(&settings(), &submit(fields))
            .err()
            .unwrap_or_default();
        let expected: Vec<_> = errors
            .iter()
            .map(|(var, code)| ((*var).to_owned(), *code))
            .collect();
        assert_eq!(found, expected, "{fields:?}");
    }
}

#[test]
fn a_device_recalculates_what_is_posted_back() {
    let form = form([
        Field::hidden("session", "1"),
        Field::number("offset", Some(-5.0), Some(5.0))
            .with_value("0")
            .post_back()
            .not_same(),
        Field::number("shown", None, None)
            .with_value("20")
            .read_only(),
        Field::text("note").required(),
    ]);
    let state = |offset: &str| {
        Form::new(FormKind::Submit)
            .with(Field::hidden("session", "1"))
            .with(Field::text("offset").with_value(offset))
            .with(Field::text("shown").with_value("99"))
            .with(Field::text("note").with_value(""))
    };
    let (next, errors) = posted_back(&form, &state(" 1.5 "));
    assert_eq!(errors, []);
    assert_eq!(
        (next.value("offset"), next.value("shown")),
        (Some("1.5"), Some("20"))
    );
    assert!(
        !next.fields[1].dynamic.not_same,
        "what was submitted is known"
    );

    let (next, errors) = posted_back(&form, &state("50"));
    assert_eq!(
        (errors[0].var.as_str(), errors[0].code),
        ("offset", FieldErrorCode::TooGreat)
    );
    assert_eq!(
        next.value("offset"),
        Some("50"),
        "the person corrects it, the device does not"
    );
}

#[test]
fn an_emptied_field_is_sent_empty() {
    let lines = Field {
        kind: FieldKind::TextMulti,
        ..Field::text("lines")
    };
    let form = form([
        Field::text("text").with_value("old"),
        lines.with_value("old"),
    ]);
    let entered = edits([("text", &[""][..]), ("lines", &["\n"])]);
    let submit = answer(&form, &entered).unwrap();
    assert_eq!(
        String::from(&submit.write()),
        "<x xmlns='jabber:x:data' type='submit'><field var='text'><value/></field>\
         <field var='lines'/></x>"
    );
    assert_eq!(
        taken(&form, &submit),
        Ok(edits([("text", &[""][..]), ("lines", &[])]))
    );
}

#[test]
fn values_are_checked_by_kind_and_rule() {
    use FieldErrorCode::{
        LineBreak, NoMatch, NotABoolean, NotAJid, NotANumber, NotAnOption, NotWhole, Required,
        TooFew, TooGreat, TooMany, TooManyValues, TooSmall,
    };
    let of = |kind| Field::new(kind, "field");
    let ruled = |kind, datatype: &str, method| of(kind).with_validation(datatype, method);
    let range = || Method::Range {
        min: Some("1".to_owned()),
        max: Some("5".to_owned()),
    };
    let options = |field: Field| {
        let options = ["a", "b", "c"].map(|value| Choice {
            value: value.to_owned(),
            label: None,
        });
        Field {
            options: options.to_vec(),
            ..field
        }
    };
    let of_three = |least, most| {
        let list_range = Some((least, most));
        let validate = Some(Validation {
            list_range,
            ..Validation::default()
        });
        options(Field {
            validate,
            ..of(FieldKind::ListMulti)
        })
    };
    let digits = || Method::Regex("[0-9]+".to_owned());
    let slider = || Field::slider("field", 0.0, 1.0, 0.1);
    let (multi, single) = (FieldKind::ListMulti, FieldKind::ListSingle);
    type Case = (
        Field,
        &'static [&'static str],
        Option<(FieldErrorCode, Option<u32>)>,
    );
    let cases: Vec<Case> = vec![
        (of(FieldKind::Boolean), &["1"], None),
        (
            of(FieldKind::Boolean),
            &["on"],
            Some((NotABoolean, Some(0))),
        ),
        (
            of(FieldKind::Boolean),
            &["1", "0"],
            Some((TooManyValues, None)),
        ),
        (
            of(FieldKind::TextSingle).required(),
            &[""],
            Some((Required, None)),
        ),
        (
            of(FieldKind::TextSingle).required(),
            &[],
            Some((Required, None)),
        ),
        (
            of(FieldKind::TextPrivate),
            &["a\rb"],
            Some((LineBreak, Some(0))),
        ),
        (of(FieldKind::Button).required(), &[], None),
        (of(FieldKind::JidMulti), &["a@b", "b", "a@b/c"], None),
        (
            of(FieldKind::JidMulti),
            &["a@b", "@"],
            Some((NotAJid, Some(1))),
        ),
        (options(of(multi)), &["c", "a"], None),
        (
            options(of(multi)),
            &["c", "d"],
            Some((NotAnOption, Some(1))),
        ),
        (
            options(ruled(multi, "xs:int", Method::Open)),
            &["a", "7"],
            None,
        ),
        (
            options(ruled(multi, "xs:int", Method::Open)),
            &["a", "d"],
            Some((NotWhole, Some(1))),
        ),
        (options(ruled(single, "xs:int", range())), &["b"], None),
        (
            options(ruled(single, "xs:int", range())),
            &["6"],
            Some((TooGreat, Some(0))),
        ),
        (of_three(Some(1), Some(2)), &[], Some((TooFew, None))),
        (
            of_three(Some(1), Some(2)),
            &["a", "b", "c"],
            Some((TooMany, None)),
        ),
        (of_three(None, Some(2)), &[], None),
        (ruled(FieldKind::TextSingle, "xs:int", range()), &[""], None),
        (
            ruled(FieldKind::TextSingle, "xs:int", range()),
            &["0"],
            Some((TooSmall, Some(0))),
        ),
        (
            ruled(FieldKind::TextSingle, "xs:double", range()),
            &["NaN"],
            Some((TooSmall, Some(0))),
        ),
        (
            ruled(FieldKind::TextMulti, "xs:int", range()),
            &["1", "5"],
            None,
        ),
        (
            ruled(FieldKind::TextMulti, "xs:int", range()),
            &["1", "6"],
            Some((TooGreat, Some(1))),
        ),
        (
            ruled(FieldKind::TextMulti, "xs:int", Method::Basic),
            &["1", "2"],
            Some((NotWhole, None)),
        ),
        (
            ruled(FieldKind::TextMulti, "xs:string", digits()),
            &["1", "2x"],
            Some((NoMatch, Some(1))),
        ),
        (
            ruled(FieldKind::TextSingle, "xs:string", digits()),
            &["12"],
            None,
        ),
        (slider(), &["0.55"], None),
        (slider(), &["-0.1"], Some((TooSmall, Some(0)))),
        (slider(), &["1e400"], Some((NotANumber, Some(0)))),
        (slider(), &["INF"], Some((NotANumber, Some(0)))),
        (slider(), &["22,43"], Some((NotANumber, Some(0)))),
        (Field::fixed("text"), &["anything", "else"], None),
    ];
    for (field, values, expected) in cases {
        let found = validate(&field, values)
            .err()
            .map(|error| (error.code, error.value));
        assert_eq!(found, expected, "{field:?} {values:?}");
    }
}
