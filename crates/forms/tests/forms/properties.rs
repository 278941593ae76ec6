//! What holds for every form, not only for those that somebody thought of.

use minidom::rxml::{Namespace, NcName};
use minidom::{Element, Node};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use roost_forms::{
    Choice, Draft, Dynamic, Edits, Field, FieldKind, Form, FormKind, Media, Merge, Method, Part,
    Section, SliderRange, Validation, WarningKind, accept, answer, limits, ns,
};

use crate::common::{fixture, read};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(form in canonical_form()) {
        let written = String::from(&form.write());
        let (again, warnings) = Form::read(&written.parse().unwrap()).unwrap();
        prop_assert_eq!(&again, &form, "{}", written);
        prop_assert_eq!(warnings, Vec::new());
    }

    #[test]
    fn any_elements_are_a_form_or_not(x in any_form(), edits in any_edits()) {
        let (form, warnings) = read(&x);
        prop_assert!(warnings.len() <= limits::MAX_WARNINGS);
        form.layout();
        // Once read, it is sound: reading it again changes nothing more.
        let (again, _) = Form::read(&form.write()).unwrap();
        let (third, warnings) = Form::read(&again.write()).unwrap();
        prop_assert_eq!(&third, &again);
        // What is missing stays missing; everything else was settled.
        let missing = [WarningKind::NoOptions, WarningKind::BadRange];
        let odd = warnings.iter().find(|warning| !missing.contains(&warning.kind));
        prop_assert_eq!(odd, None);
        every_answer_is_valid(&form, &edits)?;
    }

    #[test]
    fn broken_text_is_a_form_or_not(text in broken_fixture()) {
        let form = text.parse().ok().and_then(|element| Form::read(&element));
        if let Some((form, _)) = form {
            form.layout();
            every_answer_is_valid(&form, &Edits::new())?;
        }
    }

    #[test]
    fn edits_live_only_where_they_may(
        first in any_form(), second in any_form(), edits in any_edits()
    ) {
        let mut draft = Draft::new(read(&first).0);
        for (var, values) in &edits {
            let before = draft.edits().clone();
            let verdict = draft.edit(var, values.clone());
            if draft.form().field(var).is_none_or(|field| !field.is_editable()) {
                prop_assert!(verdict.is_err());
                prop_assert_eq!(draft.edits(), &before);
            }
        }
        let typed = draft.edits().clone();
        let second = read(&second).0;
        draft.merge(second.clone());
        for (var, values) in draft.edits() {
            prop_assert_eq!(typed.get(var), Some(values));
            prop_assert!(draft.form().field(var).unwrap().is_editable());
        }
        prop_assert_eq!(draft.form(), &second);
        prop_assert_eq!(draft.merge(second), Merge::default(), "the same again is no news");
        every_answer_is_valid(draft.form(), draft.edits())?;
    }
}

/// An answer is refused with a reason, or the other side takes it as it arrives.
fn every_answer_is_valid(form: &Form, edits: &Edits) -> Result<(), TestCaseError> {
    match answer(form, edits) {
        Err(errors) => prop_assert!(!errors.is_empty()),
        Ok(submit) => {
            let wire = String::from(&submit.write());
            let (arrived, warnings) = Form::read(&wire.parse().unwrap()).unwrap();
            prop_assert_eq!(warnings, Vec::new());
            let taken = accept(form, &arrived);
            prop_assert!(taken.is_ok(), "{:?} of {}", taken, wire);
        }
    }
    Ok(())
}

/// Text that XML can carry, with all that is troublesome in it.
fn text() -> impl Strategy<Value = String> {
    let letters = select(vec![
        'a', 'b', '1', '0', '.', '-', ':', ' ', '<', '&', '\'', '"', '\u{202E}', 'ü', '🐦', '@',
        '/',
    ]);
    vec(letters, 0..8).prop_map(|letters| letters.into_iter().collect())
}

/// Text as it is shown: something, and trimmed.
fn shown() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("t{}", text.trim_end()))
}

fn canonical_form() -> impl Strategy<Value = Form> {
    prop_oneof![
        (
            option::of(shown()),
            vec(shown(), 0..3),
            fields(),
            pages(),
            any::<bool>()
        )
            .prop_map(|(title, instructions, mut fields, pages, is_result)| {
                let kind = if is_result {
                    FormKind::Result
                } else {
                    FormKind::Form
                };
                if is_result {
                    for field in &mut fields {
                        field.required = false;
                        field.dynamic = Dynamic::default();
                    }
                }
                let pages = only_good_references(pages, &fields);
                Form {
                    kind,
                    title,
                    instructions,
                    fields,
                    pages,
                    ..Form::default()
                }
            }),
        fields().prop_map(|fields| Form {
            kind: FormKind::Submit,
            fields: fields
                .into_iter()
                .filter(|field| field.var.is_some())
                .map(submitted)
                .collect(),
            ..Form::default()
        }),
        (option::of(shown()), 1..4_usize, 0..4_usize, text()).prop_map(
            |(title, columns, rows, text)| {
                let column = |at| Field {
                    label: Some(format!("Column {at}")),
                    ..plain(&format!("c{at}"))
                };
                let cell = |at| plain(&format!("c{at}")).with_value(text.clone());
                Form {
                    kind: FormKind::Result,
                    title,
                    reported: (0..columns).map(column).collect(),
                    items: vec![(0..columns).map(cell).collect(); rows],
                    ..Form::default()
                }
            }
        ),
    ]
}

fn plain(var: &str) -> Field {
    Field {
        kind_declared: false,
        ..Field::text(var)
    }
}

fn submitted(field: Field) -> Field {
    let (var, kind, values) = (field.var, field.kind, field.values);
    Field {
        var,
        kind,
        kind_declared: true,
        values,
        ..Field::default()
    }
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    vec(canonical_field(), 0..6).prop_map(|mut fields| {
        for (at, field) in fields.iter_mut().enumerate() {
            field.var = (!field.kind.may_be_nameless()).then(|| format!("v{at}"));
        }
        fields
    })
}

fn canonical_field() -> impl Strategy<Value = Field> {
    let words = (option::of(shown()), option::of(shown()), vec(text(), 0..4));
    let rules = (
        option::of(validation()),
        any::<[bool; 4]>(),
        option::of(shown()),
    );
    let things = (
        vec((text(), option::of(shown())), 1..4),
        vec(media(), 0..2),
        1..9_u8,
    );
    (select(FieldKind::ALL.to_vec()), words, rules, things).prop_map(
        |(kind, (label, description, mut values), (validate, flags, error), things)| {
            let (options, media, size) = things;
            if !kind.has_many_values() || kind == FieldKind::Fixed {
                values.truncate(1);
            }
            let [post_back, read_only, not_same, required] = flags;
            let options = options
                .into_iter()
                .map(|(value, label)| Choice { value, label });
            Field {
                var: None,
                kind,
                kind_declared: true,
                label,
                description,
                required: required && !read_only && !not_same,
                values,
                incomplete: false,
                options: options.filter(|_| kind.is_list()).collect(),
                validate,
                slider: (kind == FieldKind::Slider)
                    .then(|| SliderRange::new(-0.5, f64::from(size), 0.1).unwrap()),
                dynamic: Dynamic {
                    post_back,
                    read_only,
                    not_same,
                    error,
                },
                media,
            }
        },
    )
}

fn validation() -> impl Strategy<Value = Validation> {
    let rules = vec![
        ("xs:string", Method::Basic),
        ("xs:string", Method::Open),
        ("xdc:Color", Method::Regex("^[0-9a-fA-F]{6}$".to_owned())),
        (
            "xs:int",
            Method::Range {
                min: Some("-3".to_owned()),
                max: Some("40".to_owned()),
            },
        ),
        (
            "xs:date",
            Method::Range {
                min: None,
                max: Some("2026-12-31".to_owned()),
            },
        ),
        (
            "x:own",
            Method::Range {
                min: None,
                max: None,
            },
        ),
    ];
    let list_range = option::of((option::of(0..2_u32), (2..4_u32).prop_map(Some)));
    (select(rules), list_range).prop_map(|((datatype, method), list_range)| Validation {
        datatype: datatype.to_owned(),
        method,
        list_range,
    })
}

fn media() -> impl Strategy<Value = Media> {
    (
        any::<Option<u16>>(),
        any::<Option<u16>>(),
        vec((shown(), shown()), 0..3),
    )
        .prop_map(|(width, height, uris)| Media {
            width,
            height,
            uris,
        })
}

fn pages() -> impl Strategy<Value = Vec<Section>> {
    let leaf = prop_oneof![
        shown().prop_map(Part::Text),
        (0..6_u8).prop_map(|at| Part::Field(format!("v{at}"))),
        Just(Part::Report),
    ];
    let section = |part| {
        (option::of(shown()), vec(part, 0..4)).prop_map(|(label, parts)| Section { label, parts })
    };
    let part = leaf.prop_recursive(3, 12, 4, move |inner| {
        section(inner).prop_map(Part::Section)
    });
    vec(section(part.boxed()), 0..3)
}

/// As reading keeps them: each reference once, and only to what is there.
fn only_good_references(pages: Vec<Section>, fields: &[Field]) -> Vec<Section> {
    let mut open: Vec<String> = fields
        .iter()
        .filter_map(|field| field.var.clone())
        .collect();
    fn clean(section: Section, open: &mut Vec<String>) -> Section {
        let mut parts = Vec::new();
        for part in section.parts {
            match part {
                Part::Text(_) => parts.push(part),
                Part::Section(section) => parts.push(Part::Section(clean(section, open))),
                Part::Field(var) => {
                    if let Some(at) = open.iter().position(|known| *known == var) {
                        open.remove(at);
                        parts.push(Part::Field(var));
                    }
                }
                Part::Report => {}
            }
        }
        Section { parts, ..section }
    }
    pages
        .into_iter()
        .map(|page| clean(page, &mut open))
        .collect()
}

/// `<x/>` with anything that occurs in forms inside anything, in any namespace.
fn any_form() -> impl Strategy<Value = String> {
    vec(any_element(), 0..8).prop_flat_map(|children| {
        select(vec!["form", "form", "submit", "result", "cancel", "?"]).prop_map(move |kind| {
            let mut x = Element::bare("x", ns::DATA);
            x.set_attr(Namespace::NONE, NcName::try_from("type").unwrap(), kind);
            children
                .iter()
                .for_each(|child| x.append_node(child.clone()));
            String::from(&x)
        })
    })
}

fn any_element() -> impl Strategy<Value = Node> {
    let names = vec![
        "field",
        "field",
        "field",
        "value",
        "option",
        "desc",
        "required",
        "validate",
        "basic",
        "open",
        "range",
        "regex",
        "list-range",
        "media",
        "uri",
        "readOnly",
        "postBack",
        "notSame",
        "error",
        "page",
        "section",
        "fieldref",
        "reportedref",
        "text",
        "reported",
        "item",
        "title",
    ];
    let spaces = vec![
        ns::DATA,
        ns::DATA,
        ns::VALIDATE,
        ns::LAYOUT,
        ns::MEDIA,
        ns::DYNAMIC,
        "",
        "urn:other",
    ];
    let attributes = vec![
        "var", "type", "label", "datatype", "min", "max", "steps", "width",
    ];
    let datatypes = [
        "xs:int",
        "xs:date",
        "xs:double",
        "xs:decimal",
        "xdc:Color",
        "xs:language",
    ];
    let mut known: Vec<String> = vec![
        "a".into(),
        "b".into(),
        "1".into(),
        "5".into(),
        "[a-b]*".into(),
    ];
    known.extend(FieldKind::ALL.iter().map(|kind| kind.name().to_owned()));
    known.extend(datatypes.map(str::to_owned));
    let word = prop_oneof![3 => select(known), 1 => text()].boxed();
    let leaf = word.clone().prop_map(Node::Text);
    leaf.prop_recursive(4, 24, 5, move |inner| {
        let attributes = btree_map(select(attributes.clone()), word.clone(), 0..5);
        (
            select(names.clone()),
            select(spaces.clone()),
            attributes,
            vec(inner, 0..5),
        )
            .prop_map(|(name, space, attributes, children)| {
                let mut element = Element::bare(name, space);
                for (name, value) in attributes {
                    element.set_attr(Namespace::NONE, NcName::try_from(name).unwrap(), value);
                }
                children
                    .into_iter()
                    .for_each(|child| element.append_node(child));
                Node::Element(element)
            })
    })
}

fn any_edits() -> impl Strategy<Value = Edits> {
    let var = select(vec![
        "a".to_owned(),
        "b".to_owned(),
        "1".to_owned(),
        "c".to_owned(),
    ]);
    let value = prop_oneof![
        text(),
        select(vec![
            "1".to_owned(),
            "a".to_owned(),
            "2026-01-01".to_owned(),
            "a\nb\0".to_owned()
        ]),
    ];
    btree_map(var, vec(value, 0..3), 0..3)
}

/// A form of the fixtures with a few bytes changed, taken out or doubled.
fn broken_fixture() -> impl Strategy<Value = String> {
    let names = vec![
        "0004-form",
        "0122-prefix",
        "0141-nested",
        "0221-audio",
        "0336-not-same",
    ];
    let change = (any::<prop::sample::Index>(), 0..3_u8, any::<u8>());
    (select(names), vec(change, 1..4)).prop_map(|(name, changes)| {
        let mut bytes = fixture(name).into_bytes();
        for (at, what, byte) in changes {
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
