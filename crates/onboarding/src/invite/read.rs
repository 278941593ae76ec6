//! The lenient reader.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use roost_model::Profile;

use super::{
    Code, ForeignCode, Invite, InviteFault, InviteWarning, MAX_CODE_BYTES, MAX_PARAMETERS,
    Parameter, Reading,
};
use crate::{DeviceKey, MacAddress, Text};

const PATH: &str = "iot-register";
const KIND: &[u8] = b"ssh-ed25519";

const EITHER_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, EITHER_PADDING);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, EITHER_PADDING);

/// Says what `text` is. Never fails; what is wrong is part of the answer.
pub fn read(text: &str) -> Reading {
    let mut notes = Notes(Vec::new());
    let code = code_of(text, &mut notes);
    Reading {
        code,
        warnings: notes.0,
    }
}

struct Notes(Vec<InviteWarning>);

impl Notes {
    fn note(&mut self, warning: InviteWarning) {
        if !self.0.contains(&warning) {
            self.0.push(warning);
        }
    }

    fn note_if(&mut self, unusual: bool, warning: InviteWarning) {
        if unusual {
            self.note(warning);
        }
    }
}

fn code_of(text: &str, notes: &mut Notes) -> Code {
    // Also what some programs put around a copied text: a byte order mark, a zero-width space.
    let around = |letter: char| letter.is_whitespace() || matches!(letter, '\u{feff}' | '\u{200b}');
    let trimmed = text.trim_matches(around);
    if trimmed.is_empty() {
        return Code::Broken(InviteFault::Empty);
    }
    if text.len() > MAX_CODE_BYTES {
        return Code::Broken(InviteFault::TooLong(text.len()));
    }
    notes.note_if(trimmed.len() != text.len(), InviteWarning::WhiteSpace);
    let unwrapped = unwrap_lines(trimmed);
    notes.note_if(unwrapped.len() != trimmed.len(), InviteWarning::WhiteSpace);
    let Some(query) = query_of(&unwrapped, notes) else {
        notes.0.clear();
        return ForeignCode::of(trimmed).map_or(Code::Unknown, Code::Foreign);
    };
    match invite_of(&query, notes) {
        Ok(invite) => Code::Invite(Box::new(invite)),
        Err(fault) => Code::Broken(fault),
    }
}

/// Takes out line breaks and tabs together with the spaces around them; other spaces may mean
/// something.
fn unwrap_lines(text: &str) -> String {
    let breaks = |letter: char| matches!(letter, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}');
    if text.contains(breaks) {
        text.split(breaks).map(str::trim).collect()
    } else {
        text.to_owned()
    }
}

/// What comes after `xmpp:iot-register?`; `None` if this is another kind of code.
fn query_of(text: &str, notes: &mut Notes) -> Option<String> {
    let whole = match text.contains('?') {
        true => text.to_owned(),
        // A link that was encoded as a whole on its way.
        false => percent_decode(text)
            .ok()
            .filter(|decoded| decoded.contains('?'))?,
    };
    notes.note_if(whole != text, InviteWarning::PercentEncoding);
    let (scheme, rest) = whole.split_once(':')?;
    let (path, query) = rest.split_once('?')?;
    let bare = path.trim_start_matches('/').trim_end_matches('/');
    let bare = percent_decode(bare).ok()?;
    if !scheme.eq_ignore_ascii_case("xmpp") || !bare.eq_ignore_ascii_case(PATH) {
        return None;
    }
    notes.note_if(path.contains('/'), InviteWarning::Slashes);
    notes.note_if(scheme != "xmpp" || bare != PATH, InviteWarning::Case);
    Some(query.to_owned())
}

#[derive(Default)]
struct Parameters {
    mac: Option<String>,
    algorithm: Option<String>,
    key: Option<String>,
    name: Option<String>,
    version: Option<String>,
    extra: Vec<(Text, Text)>,
}

fn invite_of(query: &str, notes: &mut Notes) -> Result<Invite, InviteFault> {
    let parameters = parameters_of(query, notes)?;
    let need = |value: Option<String>, which| {
        value
            .filter(|value| !value.trim().is_empty())
            .ok_or(InviteFault::Missing(which))
    };
    let mac = need(parameters.mac, Parameter::Mac)?;
    let algorithm = need(parameters.algorithm, Parameter::Algorithm)?;
    let key = need(parameters.key, Parameter::Key)?;

    let address = MacAddress::read(&mac).ok_or(InviteFault::BadMac)?;
    let notation = address.to_string();
    notes.note_if(
        !mac.eq_ignore_ascii_case(&notation),
        InviteWarning::MacNotation,
    );
    notes.note_if(
        mac.eq_ignore_ascii_case(&notation) && mac != notation,
        InviteWarning::Case,
    );

    if !algorithm.trim().eq_ignore_ascii_case("ed25519") {
        return Err(InviteFault::UnknownAlgorithm(Text::new(algorithm)));
    }
    notes.note_if(algorithm != "ed25519", InviteWarning::Case);

    let profile = match parameters.version.as_deref().map(str::trim) {
        None => Profile::Thesis,
        Some("1") => Profile::Roost,
        // Also an empty one: to take it for a thesis device would send passwords in the open.
        Some(other) => return Err(InviteFault::UnknownVersion(Text::new(other))),
    };
    let name = parameters.name.filter(|name| !name.is_empty()).map(|name| {
        let shown = Text::new(&name);
        notes.note_if(shown.as_str() != name, InviteWarning::NameMended);
        shown
    });
    notes.note_if(!parameters.extra.is_empty(), InviteWarning::Extra);
    Ok(Invite {
        mac: address,
        key: key_of(&key, notes)?,
        profile,
        name,
        extra: parameters.extra,
    })
}

fn parameters_of(query: &str, notes: &mut Notes) -> Result<Parameters, InviteFault> {
    let mut found = Parameters::default();
    notes.note_if(query.contains(';'), InviteWarning::Separators);
    let mut last = 0;
    for (count, pair) in query.split(['&', ';']).enumerate() {
        if count >= MAX_PARAMETERS {
            return Err(InviteFault::TooManyParameters);
        }
        if pair.trim().is_empty() {
            notes.note(InviteWarning::Separators);
            continue;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode(name.trim())?;
        let decoded = percent_decode(value)?;
        let (slot, which, place) = match name.to_ascii_lowercase().as_str() {
            "mac" => (&mut found.mac, Parameter::Mac, 1),
            "algo" => (&mut found.algorithm, Parameter::Algorithm, 2),
            "key" => (&mut found.key, Parameter::Key, 3),
            "name" => (&mut found.name, Parameter::Name, 4),
            "v" => (&mut found.version, Parameter::Version, 4),
            _ => {
                found.extra.push((Text::new(name), Text::new(decoded)));
                continue;
            }
        };
        if slot.is_some() {
            return Err(InviteFault::Duplicate(which));
        }
        notes.note_if(place < last, InviteWarning::Order);
        notes.note_if(name != which.name(), InviteWarning::Case);
        let encoded = which != Parameter::Name && decoded != value;
        notes.note_if(encoded, InviteWarning::PercentEncoding);
        last = place;
        *slot = Some(decoded);
    }
    Ok(found)
}

/// Reads the key in every way in which it is written. Its length decides between the ways, so no
/// two of them can hold.
fn key_of(text: &str, notes: &mut Notes) -> Result<DeviceKey, InviteFault> {
    let text = text.trim();
    let spaced = text.contains(char::is_whitespace);
    let plus: String = text
        .chars()
        .map(|c| if c.is_whitespace() { '+' } else { c })
        .collect();
    let closed: String = text.chars().filter(|c| !c.is_whitespace()).collect();

    let mut wrong = InviteFault::KeyNotReadable;
    for (candidate, mended) in [
        (&plus, InviteWarning::SpaceForPlus),
        (&closed, InviteWarning::WhiteSpace),
    ] {
        match decode(candidate) {
            Some(Decoded { bytes, plain }) => match unframe(&bytes) {
                Ok((raw, framed)) => {
                    notes.note_if(spaced, mended);
                    notes.note_if(!plain, InviteWarning::Base64Variant);
                    notes.note_if(!framed, InviteWarning::RawKey);
                    return Ok(DeviceKey::from_bytes(&raw)?);
                }
                Err(fault) => wrong = fault,
            },
            None => continue,
        }
    }
    Err(wrong)
}

struct Decoded {
    bytes: Vec<u8>,
    /// Whether it is as a writer writes it.
    plain: bool,
}

fn decode(text: &str) -> Option<Decoded> {
    if text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let bytes = (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok());
        return Some(Decoded {
            bytes: bytes.collect::<Option<_>>()?,
            plain: true,
        });
    }
    let plain = !text.contains(['-', '_', '=']);
    let engine = if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    Some(Decoded {
        bytes: engine.decode(text).ok()?,
        plain,
    })
}

/// The 32 bytes, and whether they were in the SSH frame.
fn unframe(bytes: &[u8]) -> Result<([u8; 32], bool), InviteFault> {
    if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
        return Ok((raw, false));
    }
    let Some((kind, rest)) = field(bytes) else {
        return Err(InviteFault::KeyLength(bytes.len()));
    };
    if kind != KIND {
        return Err(InviteFault::KeyKind(Text::from_bytes(kind)));
    }
    match field(rest) {
        Some((key, [])) => {
            let raw = key
                .try_into()
                .map_err(|_| InviteFault::KeyLength(bytes.len()))?;
            Ok((raw, true))
        }
        _ => Err(InviteFault::KeyLength(bytes.len())),
    }
}

/// One `string` of RFC 4251, section 5, and what follows it.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn percent_decode(text: &str) -> Result<String, InviteFault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digit = |at: usize| {
            after
                .get(at)
                .and_then(|digit| char::from(*digit).to_digit(16))
        };
        let (Some(high), Some(low)) = (digit(0), digit(1)) else {
            return Err(InviteFault::BadPercentEncoding);
        };
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| InviteFault::BadPercentEncoding)?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).map_err(|_| InviteFault::BadPercentEncoding)
}
