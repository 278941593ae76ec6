//! `<val xmlns='urn:xmpp:uwpx:iot'/>`: one value, as the thesis writes it.
//!
//! The time of measurement is written twice, as `stamp` and as `measured`. Prosody's file storage
//! keeps its own time in an attribute `stamp` of the payload and takes it away again on reading
//! (seen with 0.12), so a fetched value has lost ours: an old value would look new.

use minidom::Element;
use roost_model::{Unit, Val};

use crate::xml::{attr, text_of};
use crate::{datetime, ns, xml};

/// Reads a value; `None` if the element is no value. Whether its text makes sense is told by
/// [`Val::read`].
pub(crate) fn read(element: &Element) -> Option<Val> {
    if !element.is("val", ns::VAL) {
        return None;
    }
    Some(Val::from_wire(
        &text_of(element),
        element.attr("type"),
        element.attr("unit").and_then(Unit::from_wire),
        ["stamp", "measured"]
            .into_iter()
            .find_map(|name| datetime::parse(element.attr(name)?)),
    ))
}

/// Writes a value; `None` if it is empty, because an empty element crashes thesis firmware.
pub(crate) fn write(val: &Val) -> Option<Element> {
    if xml::clean(val.text()).is_empty() {
        return None;
    }
    let stamp = val.stamp().and_then(datetime::format);
    let mut attributes = Vec::with_capacity(4);
    if let Some(kind) = val.kind() {
        attributes.push((attr::TYPE, kind.name()));
    }
    if let Some(unit) = val.unit() {
        attributes.push((attr::UNIT, unit.as_str()));
    }
    if let Some(stamp) = &stamp {
        attributes.push((attr::STAMP, stamp.as_str()));
        attributes.push((attr::MEASURED, stamp.as_str()));
    }
    let mut element = xml::element("val", ns::VAL, &attributes);
    element.append_text(xml::clean(val.text()));
    Some(element)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roost_model::{Timestamp, Value, ValueProblem};

    #[test]
    fn values_from_devices() {
        use Value::{Bool, Float, Text};
        let ns = "xmlns='urn:xmpp:uwpx:iot'";
        let cases = [
            (
                format!("<val {ns} type='float' unit='celsius'>22.43</val>"),
                Ok(Float(22.43)),
                Some("°C"),
            ),
            (
                "<i:val xmlns:i='urn:xmpp:uwpx:iot' type='BOOL'> 1 </i:val>".to_owned(),
                Ok(Bool(true)),
                None,
            ),
            (
                format!("<val {ns} type='boolean' unit='none'>false</val>"),
                Ok(Bool(false)),
                None,
            ),
            (
                format!("<val {ns}>on&#32;<![CDATA[air]]></val>"),
                Ok(Text("on air".into())),
                None,
            ),
            (
                format!("<val {ns} type='float'>22,43</val>"),
                Err(ValueProblem::NotNumber),
                None,
            ),
            (
                format!("<val {ns} type='float'/>"),
                Err(ValueProblem::Empty),
                None,
            ),
            (
                format!("<val {ns} type='float'><b>1</b></val>"),
                Err(ValueProblem::Empty),
                None,
            ),
            (
                format!("<val {ns}>{}</val>", "9".repeat(5000)),
                Err(ValueProblem::TooLong),
                None,
            ),
        ];
        for (xml, value, symbol) in cases {
            let val = read(&xml.parse().unwrap()).unwrap();
            assert_eq!(val.read(None), value, "{xml:.80}");
            assert_eq!(val.unit().map(Unit::symbol), symbol, "{xml:.80}");
        }
        for other in [
            "<val xmlns='urn:example'>1</val>",
            "<value xmlns='urn:xmpp:uwpx:iot'>1</value>",
        ] {
            assert_eq!(read(&other.parse().unwrap()), None, "{other}");
        }
    }

    #[test]
    fn values_to_devices() {
        let stamp = Some(Timestamp(1_774_747_800_250));
        let cases = [
            (
                Val::from_value(&Value::Bool(true), None, stamp),
                "<val xmlns='urn:xmpp:uwpx:iot' type='boolean' stamp='2026-03-29T01:30:00.250Z' measured='2026-03-29T01:30:00.250Z'>1</val>",
            ),
            (
                Val::from_value(&Value::Float(21.5), Unit::from_wire("celsius"), None),
                "<val xmlns='urn:xmpp:uwpx:iot' type='float' unit='celsius'>21.5</val>",
            ),
            (
                Val::from_value(&Value::Text("a\u{0}<b".into()), None, None),
                "<val xmlns='urn:xmpp:uwpx:iot' type='string'>a&lt;b</val>",
            ),
        ];
        for (val, xml) in cases {
            assert_eq!(write(&val), Some(xml.parse().unwrap()), "{xml}");
        }
        for empty in ["", "\u{0}"] {
            assert_eq!(write(&Val::from_wire(empty, None, None, None)), None);
        }
    }

    #[test]
    fn when_it_was_measured() {
        let cases = [
            ("stamp='1970-01-01T00:00:01Z'", Some(1000)),
            ("measured='1970-01-01T00:00:01Z'", Some(1000)),
            (
                "stamp='1970-01-01T00:00:01Z' measured='1970-01-01T00:00:02Z'",
                Some(1000),
            ),
            ("stamp='noon' measured='1970-01-01T00:00:02Z'", Some(2000)),
            ("stamp='noon'", None),
            ("", None),
        ];
        for (attributes, millis) in cases {
            let xml = format!("<val xmlns='urn:xmpp:uwpx:iot' {attributes}>1</val>");
            let val = read(&xml.parse().unwrap()).unwrap();
            assert_eq!(val.stamp(), millis.map(Timestamp), "{attributes}");
        }
    }
}
