//! What broken and hostile devices send.

use std::fmt::Write;
use std::time::{Duration, Instant};

use roost_forms::{
    BlockPart, FieldErrorCode, FieldKind, Form, FormKind, WarningKind, answer, limits,
};

use crate::common::{edits, parse, read, view};

/// One field inside a form.
fn field(xml: &str) -> (Form, Vec<WarningKind>) {
    let (form, warnings) = read(&format!("<x xmlns='jabber:x:data' type='form'>{xml}</x>"));
    (
        form,
        warnings.into_iter().map(|warning| warning.kind).collect(),
    )
}

#[test]
fn what_is_no_form_is_none() {
    for xml in [
        "<x xmlns='jabber:client'/>",
        "<form xmlns='jabber:x:data'/>",
    ] {
        assert_eq!(Form::read(&parse(xml)), None, "{xml}");
    }
}

#[test]
fn a_form_without_type_or_of_unknown_type_is_a_form() {
    for attributes in ["", "type=''", "type='formular'", "type='error'"] {
        let (form, warnings) = read(&format!("<x xmlns='jabber:x:data' {attributes}/>"));
        assert_eq!(form.kind, FormKind::Form);
        assert_eq!(warnings[0].kind, WarningKind::FormType, "{attributes}");
    }
}

#[test]
fn a_field_without_type_or_of_unknown_type_is_text() {
    for attributes in ["", "type=''", "type='range'", "type='text'"] {
        let (form, warnings) = field(&format!(
            "<field var='a' {attributes}><value>1</value></field>"
        ));
        assert_eq!(form.fields[0].kind, FieldKind::TextSingle);
        assert_eq!(form.value("a"), Some("1"));
        assert_eq!(warnings, [WarningKind::FieldType], "{attributes}");
    }
}

#[test]
fn a_second_field_of_the_same_name_is_left_out() {
    let (form, warnings) = field(
        "<field var='a' type='boolean'/><field var='a' type='hidden'><value>x</value></field>
         <field var='' type='boolean'/><field type='text-single'/><field type='fixed'/>",
    );
    assert_eq!(form.fields.len(), 2);
    assert_eq!(form.fields[0].kind, FieldKind::Boolean);
    assert_eq!(
        warnings,
        [
            WarningKind::DuplicateVar,
            WarningKind::NoVar,
            WarningKind::NoVar
        ]
    );
}

#[test]
fn a_thousand_fields_are_read_and_a_million_are_not() {
    let mut xml = String::from("<x xmlns='jabber:x:data' type='form'>");
    for number in 0..5_000 {
        let _ = write!(
            xml,
            "<field var='v{number}' type='boolean' label='Lamp {number}'/>"
        );
    }
    xml.push_str("</x>");
    let (form, warnings) = read(&xml);
    assert_eq!(form.fields.len(), limits::MAX_FIELDS);
    assert_eq!(warnings.len(), limits::MAX_WARNINGS);
    assert_eq!(warnings[0].kind, WarningKind::TooLarge);
    let start = Instant::now();
    assert_eq!(form.layout()[0].parts.len(), limits::MAX_FIELDS);
    assert!(answer(&form, &edits([("v7", &["1"][..])])).is_ok());
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[test]
fn html_and_bidi_in_a_label_stay_text() {
    let label = "<b onclick='x()'>Lamp</b> \u{202E}gnp.exe \u{2066}";
    let escaped = "&lt;b onclick=&apos;x()&apos;&gt;Lamp&lt;/b&gt; &#x202E;gnp.exe &#x2066;";
    let (form, warnings) = field(&format!(
        "<field var='a' type='boolean' label='{escaped}'/>"
    ));
    assert_eq!(warnings, []);
    assert_eq!(form.fields[0].label.as_deref(), Some(label));
    assert_eq!(read(&String::from(&form.write())), (form, Vec::new()));
}

#[test]
fn required_and_read_only_is_not_required() {
    let (form, warnings) = field(
        "<field var='a' type='text-single'><required/>
         <z:readOnly xmlns:z='urn:xmpp:xdata:dynamic'/></field>",
    );
    assert_eq!(warnings, [WarningKind::RequiredReadOnly]);
    assert!(!form.fields[0].required);
    assert_eq!(answer(&form, &edits([])).unwrap().fields, []);
}

#[test]
fn a_list_without_options_is_said_so() {
    let (form, warnings) = field("<field var='a' type='list-single'><value>x</value></field>");
    assert_eq!(warnings, [WarningKind::NoOptions]);
    let errors = answer(&form, &edits([("a", &["x"][..])])).unwrap_err();
    assert_eq!(errors[0].code, FieldErrorCode::NotAnOption);
    assert_eq!(
        answer(&form, &edits([])).unwrap().fields,
        [],
        "unanswerable, so left as it is"
    );
}

#[test]
fn a_range_upside_down_is_ignored() {
    let rule = |datatype: &str, range: &str| {
        field(&format!(
            "<field var='a' type='text-single'>
             <validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='{datatype}'>
             <range {range}/></validate></field>"
        ))
    };
    for (datatype, range) in [
        ("xs:int", "min='9' max='1'"),
        ("xs:int", "min='low'"),
        ("xs:double", "min='NaN' max='1'"),
        ("xs:string", "min='a' max='b'"),
        ("x:mine", "max='7'"),
        ("xs:date", "min='2026-02-30'"),
        ("xs:byte", "max='300'"),
    ] {
        let (form, warnings) = rule(datatype, range);
        assert_eq!(warnings, [WarningKind::BadRange], "{datatype} {range}");
        assert!(answer(&form, &edits([("a", &[""][..])])).is_ok());
    }
    for slider in [
        "min='1' max='0'",
        "min='0'",
        "min='0' max='x'",
        "min='0' max='1' steps='0'",
    ] {
        let (form, warnings) = field(&format!("<field var='a' type='slider' {slider}/>"));
        assert_eq!(warnings, [WarningKind::BadRange], "{slider}");
        assert!(answer(&form, &edits([("a", &["0.5"][..])])).is_ok());
    }
}

#[test]
fn a_rule_that_contradicts_itself_is_basic() {
    for rule in [
        "<basic/><open/>",
        "<range min='1'/><regex>a</regex>",
        "<mine/>",
        "<regex>(</regex>",
        "<regex></regex>",
    ] {
        let (form, warnings) = field(&format!(
            "<field var='a' type='text-single'>
             <validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:int'>
             {rule}</validate></field>"
        ));
        assert_eq!(warnings, [WarningKind::BadValidation], "{rule}");
        let errors = answer(&form, &edits([("a", &["x"][..])])).unwrap_err();
        assert_eq!(
            errors[0].code,
            FieldErrorCode::NotWhole,
            "the datatype still counts"
        );
    }
}

#[test]
fn children_that_lost_their_prefix_are_found() {
    let (form, warnings) = field(
        "<field var='a' type='text-single'>
           <xdv:validate xmlns:xdv='http://jabber.org/protocol/xdata-validate' datatype='xs:int'>
             <range min='1' max='2'/>
           </xdv:validate>
           <media><uri type='image/png'>cid:x</uri></media>
           <postBack/><notSame/><error>Why?</error>
         </field>
         <page><fieldref var='a'/></page>",
    );
    assert_eq!(warnings, []);
    insta::assert_snapshot!(view(&form, &[]), @r#"
    form ""
    [page ""]
      text-single a +post-back +not-same error "Why?"
        xs:int Some("1") to Some("2")
        media None x None
          image/png cid:x
    "#);
}

#[test]
fn the_direction_is_the_flag_and_not_the_name() {
    let (form, _) = field("<field var='xmpp.iot.sensor.led' type='boolean'/>");
    assert!(form.fields[0].is_editable());
}

#[test]
fn layouts_that_lead_nowhere_lose_no_field() {
    let (form, warnings) = field(
        "<page xmlns='http://jabber.org/protocol/xdata-layout' label='One'>
           <fieldref var='a'/><fieldref var='a'/><fieldref var='nothing'/><fieldref/>
           <reportedref/><section><section><fieldref var='b'/></section></section><mystery/>
         </page>
         <field var='a' type='boolean'/><field var='b' type='boolean'/>
         <field var='c' type='boolean'/><field type='fixed'><value>Text</value></field>
         <field var='d' type='hidden'/>",
    );
    assert_eq!(warnings, [WarningKind::BadReference; 4]);
    insta::assert_snapshot!(view(&form, &[]), @r#"
    form ""
      hidden d
    [page "One"]
      boolean a
      [section ""]
        [section ""]
          boolean b
    [page ""]
      boolean c
      fixed - = ["Text"]
    "#);
}

#[test]
fn sections_inside_sections_end_somewhere() {
    let depth = 200;
    let (form, warnings) = field(&format!(
        "<page xmlns='http://jabber.org/protocol/xdata-layout'>{}<fieldref var='a'/>{}</page>
         <field var='a' type='boolean'/>",
        "<section>".repeat(depth),
        "</section>".repeat(depth),
    ));
    assert_eq!(warnings, [WarningKind::TooLarge]);
    let pages = form.layout();
    assert!(
        matches!(pages[0].parts[..], [BlockPart::Field(_)]),
        "and lose no field"
    );
}

#[test]
fn too_long_a_value_is_not_half_a_value() {
    let long = "x".repeat(limits::MAX_VALUE_BYTES + 1);
    let name = "x".repeat(limits::MAX_VAR_BYTES + 1);
    let (form, warnings) = field(&format!(
        "<field var='a' type='text-single'><value>{long}</value></field>
         <field var='b' type='hidden'><value>{long}</value></field>
         <field var='{name}' type='boolean'/>
         <field var='c' type='boolean' label='{name}'/>"
    ));
    assert_eq!(warnings, [WarningKind::TooLarge; 4]);
    assert_eq!(form.fields.len(), 3);
    assert!(form.fields[0].incomplete && form.fields[0].values.is_empty());
    assert_eq!(
        form.fields[2].label.as_deref().map(str::len),
        Some(limits::MAX_LABEL_BYTES)
    );
    assert_eq!(
        answer(&form, &edits([])).unwrap().fields,
        [],
        "never sent back in part"
    );
    let errors = answer(&form, &edits([("a", &[long.as_str()][..])])).unwrap_err();
    assert_eq!(errors[0].code, FieldErrorCode::TooLong);
}

#[test]
fn a_form_has_an_end_even_if_each_part_is_small() {
    let text = "y".repeat(limits::MAX_VALUE_BYTES);
    let mut xml = String::new();
    for number in 0..64 {
        let _ = write!(
            xml,
            "<field var='v{number}' type='text-single'><value>{text}</value></field>"
        );
    }
    let (form, warnings) = field(&xml);
    let kept: usize = form.fields.iter().map(|field| field.as_text().len()).sum();
    assert!(kept <= limits::MAX_FORM_BYTES);
    assert!(warnings.contains(&WarningKind::TooLarge));
}

#[test]
fn a_report_has_an_end_even_if_its_cells_are_empty() {
    let row = "<item><field var='a'/><field var='b'/><field var='c'/></item>";
    let (form, warnings) = field(&row.repeat(limits::MAX_ITEMS + 500));
    assert_eq!(form.items.len(), limits::MAX_ITEMS);
    assert_eq!(warnings.len(), limits::MAX_WARNINGS);
    let wide: String = (0..1_000)
        .map(|at| format!("<field var='{at}'/>"))
        .collect();
    let (form, _) = field(&format!("<item>{wide}</item>").repeat(200));
    let cells: usize = form.items.iter().map(Vec::len).sum();
    assert!(cells < 150_000, "{cells}");
}

#[test]
fn too_many_values_leave_the_first() {
    let (form, warnings) = field(
        "<field var='a' type='text-single'><value>1</value><value>2</value></field>
         <field var='b' type='text-multi'><value>1&#10;2</value><value>3</value></field>",
    );
    assert_eq!(warnings, [WarningKind::TooManyValues]);
    assert_eq!(form.fields[0].values, ["1"]);
    assert_eq!(form.fields[1].values, ["1", "2", "3"]);
}

#[test]
fn edits_that_cannot_be_sent_are_errors_and_not_the_end_of_the_stream() {
    let (form, _) = field(
        "<field var='a' type='text-single'/><field var='b' type='text-multi'/>
         <field var='c' type='jid-single'/><field var='d' type='hidden'/>
         <field type='fixed' var='e'/>",
    );
    for (var, value, code) in [
        ("a", "nul\0", FieldErrorCode::BadCharacter),
        ("a", "two\nlines", FieldErrorCode::LineBreak),
        ("b", "good\nescape \u{1B}[31m", FieldErrorCode::BadCharacter),
        ("c", "a@b@c", FieldErrorCode::NotAJid),
        ("d", "mine", FieldErrorCode::ReadOnly),
        ("e", "mine", FieldErrorCode::ReadOnly),
        ("f", "mine", FieldErrorCode::NoSuchField),
    ] {
        let errors = answer(&form, &edits([(var, &[value][..])])).unwrap_err();
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].code, code, "{var} {value:?}");
    }
    let mut careless = form;
    careless.title = Some("a\0b\u{FFFE}".to_owned());
    assert!(String::from(&careless.write()).contains("<title>a\u{FFFD}b\u{FFFD}</title>"));
}
