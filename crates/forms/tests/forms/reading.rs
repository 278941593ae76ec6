//! What comes in, and what is made of it.

use roost_forms::{Field, FieldKind, Form, FormKind};

#[test]
fn a_thesis_device_declares_its_form() {
    let xml = "<x xmlns='jabber:x:data' type='form'>
        <title>ESP32 XMPP</title>
        <field type='header' label='Lamp'/>
        <field type='boolean' label='Light on?' var='xmpp.iot.sensor.led'/>
        <field type='slider' var='xmpp.iot.actuator.speaker' min='0' max='1' steps='0.01'/>
        <field type='text-single' label='Temperature: ' var='xmpp.iot.sensor.temp'>
            <readOnly xmlns='urn:xmpp:xdata:dynamic'/>
        </field>
        <field type='text-single' label='Pressure: ' var='xmpp.iot.sensor.bar'><readOnly/></field>
    </x>";
    let (form, warnings) = Form::read(&xml.parse().unwrap()).unwrap();
    assert_eq!(warnings, []);
    let expected = Form::new(FormKind::Form)
        .with_title("ESP32 XMPP")
        .with(Field::header("Lamp"))
        .with(Field::boolean("xmpp.iot.sensor.led").with_label("Light on?"))
        .with(Field::slider("xmpp.iot.actuator.speaker", 0.0, 1.0, 0.01))
        .with(
            Field::text("xmpp.iot.sensor.temp")
                .with_label("Temperature:")
                .read_only(),
        )
        .with(
            Field::text("xmpp.iot.sensor.bar")
                .with_label("Pressure:")
                .read_only(),
        );
    assert_eq!(form, expected);
    assert_eq!(form.fields[1].kind, FieldKind::Boolean);
    let written = form.write();
    assert_eq!(Form::read(&written), Some((form, Vec::new())));
}
