//! Codes of other standards, by their beginning.

/// A code of another standard. Nothing of its content is kept: some of them hold passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForeignCode {
    /// Matter: `MT:…` or the digits of a manual pairing code.
    Matter,
    /// The network and password of a Wi-Fi: `WIFI:…`.
    WifiNetwork,
    /// Wi-Fi Easy Connect: `DPP:…`.
    WifiEasyConnect,
    /// Espressif's provisioning: JSON with `ver`, `name`, `pop`, `transport`, `security`.
    EspressifProvisioning,
    /// IoT discovery of XEP-0347 and its successors: `iotdisco:…` or `IoTDisco;…`.
    IotDisco,
    /// HomeKit: `X-HM://…`.
    HomeKit,
    /// Another XMPP address or action: `xmpp:…`.
    XmppUri,
    /// A page on the web. It is not opened.
    WebLink,
    /// Something that wants to be run: `javascript:`, `data:`, `file:`. It is not opened.
    Script,
}

impl ForeignCode {
    /// A stable name, for catalogues of words and for scripts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Matter => "foreign-matter",
            Self::WifiNetwork => "foreign-wifi",
            Self::WifiEasyConnect => "foreign-dpp",
            Self::EspressifProvisioning => "foreign-espressif",
            Self::IotDisco => "foreign-iotdisco",
            Self::HomeKit => "foreign-homekit",
            Self::XmppUri => "foreign-xmpp",
            Self::WebLink => "foreign-web",
            Self::Script => "foreign-script",
        }
    }

    /// Recognises `text`, which has no white space around it.
    pub(super) fn of(text: &str) -> Option<Self> {
        const BEGINNINGS: [(&str, ForeignCode); 12] = [
            ("mt:", ForeignCode::Matter),
            ("wifi:", ForeignCode::WifiNetwork),
            ("dpp:", ForeignCode::WifiEasyConnect),
            ("iotdisco:", ForeignCode::IotDisco),
            ("iotdisco;", ForeignCode::IotDisco),
            ("x-hm://", ForeignCode::HomeKit),
            ("xmpp:", ForeignCode::XmppUri),
            ("http://", ForeignCode::WebLink),
            ("https://", ForeignCode::WebLink),
            ("javascript:", ForeignCode::Script),
            ("data:", ForeignCode::Script),
            ("file:", ForeignCode::Script),
        ];
        let begins = |beginning: &str| {
            text.get(..beginning.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        };
        if let Some((_, code)) = BEGINNINGS.iter().find(|(beginning, _)| begins(beginning)) {
            return Some(*code);
        }
        let is_espressif = text.starts_with('{')
            && text.contains("\"transport\"")
            && (text.contains("\"pop\"") || text.contains("\"ver\""));
        if is_espressif {
            return Some(Self::EspressifProvisioning);
        }
        // 11 or 21 digits (Matter Core Specification, 5.1.4.1), printed in groups.
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let grouped = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b' ');
        (grouped && matches!(digits, 11 | 21)).then_some(Self::Matter)
    }
}
