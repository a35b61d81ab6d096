//! An event as bytes: a sort key, and a body that is read back without building the event.

use twinloom_event::{Attribute, Event, EventKind, TimePrecision};

use super::intern::Interner;
use super::varint::{self, Reader};

const KEY_BYTES: usize = 20;
/// Time of a static event in a key: before every time a `Timestamp` admits.
const NO_TIME: i64 = i64::MIN;

const HAS_END: u8 = 1;
const HAS_RECORDED: u8 = 1 << 1;
const HAS_NUMBER: u8 = 1 << 2;
const HAS_TEXT: u8 = 1 << 3;
const HAS_UNIT: u8 = 1 << 4;
const HAS_ENCOUNTER: u8 = 1 << 5;
const HAS_SOURCE: u8 = 1 << 6;
const HAS_RECORD: u8 = 1 << 7;

const PRECISIONS: [TimePrecision; 4] =
    [TimePrecision::Instant, TimePrecision::Day, TimePrecision::Month, TimePrecision::Year];

/// The order of events: subject, static first, time, `seq`; as bytes that compare so.
pub(crate) fn event_key(event: &Event) -> [u8; KEY_BYTES] {
    let time = event.time().map_or(NO_TIME, twinloom_event::Timestamp::micros);
    let mut key = [0; KEY_BYTES];
    key[..8].copy_from_slice(&ordered(event.subject_id().get()));
    key[8..16].copy_from_slice(&ordered(time));
    key[16..].copy_from_slice(&event.seq().to_be_bytes());
    key
}

/// The subject of an event key.
pub(crate) fn key_subject(key: &[u8]) -> i64 {
    disordered(key, 0)
}

/// The time of an event key, in microseconds.
fn key_time(key: &[u8]) -> Option<i64> {
    Some(disordered(key, 8)).filter(|time| *time != NO_TIME)
}

fn ordered(value: i64) -> [u8; 8] {
    ((value as u64) ^ (1 << 63)).to_be_bytes()
}

fn disordered(key: &[u8], at: usize) -> i64 {
    let mut bytes = [0; 8];
    if let Some(part) = key.get(at..at + 8) {
        bytes.copy_from_slice(part);
    }
    (u64::from_be_bytes(bytes) ^ (1 << 63)) as i64
}

/// Writes event bodies and reads them back; holds the texts they share.
#[derive(Debug, Default)]
pub(crate) struct EventCoder {
    texts: Interner,
}

impl EventCoder {
    /// Appends all of the event that its key does not say.
    pub(crate) fn encode(&mut self, event: &Event, out: &mut Vec<u8>) {
        let present = [
            (HAS_END, event.end_time().is_some()),
            (HAS_RECORDED, event.recorded_time().is_some()),
            (HAS_NUMBER, event.numeric_value().is_some()),
            (HAS_TEXT, event.text_value().is_some()),
            (HAS_UNIT, event.unit().is_some()),
            (HAS_ENCOUNTER, event.encounter_id().is_some()),
            (HAS_SOURCE, event.source().is_some()),
            (HAS_RECORD, event.record_id().is_some()),
        ];
        out.push(present.iter().fold(0, |flags, (flag, is)| flags | if *is { *flag } else { 0 }));
        let kind = EventKind::ALL.iter().position(|kind| *kind == event.kind()).unwrap_or_default() as u8;
        let precision =
            PRECISIONS.iter().position(|one| *one == event.time_precision()).unwrap_or_default() as u8;
        out.push(kind << 2 | precision);
        self.texts.put(out, event.code().as_str());
        let start = event.time().map_or(0, twinloom_event::Timestamp::micros);
        for time in [event.end_time(), event.recorded_time()].into_iter().flatten() {
            varint::put_signed(out, time.micros() - start);
        }
        if let Some(number) = event.numeric_value() {
            out.extend_from_slice(&number.to_le_bytes());
        }
        if let Some(text) = event.text_value() {
            varint::put_bytes(out, text.as_bytes());
        }
        if let Some(unit) = event.unit() {
            self.texts.put(out, unit.as_str());
        }
        if let Some(encounter_id) = event.encounter_id() {
            varint::put_bytes(out, encounter_id.as_str().as_bytes());
        }
        if let Some(source) = event.source() {
            self.texts.put(out, source.as_str());
        }
        if let Some(record_id) = event.record_id() {
            varint::put_bytes(out, record_id.as_str().as_bytes());
        }
        varint::put(out, event.attributes().count() as u64);
        for (name, value) in event.attributes() {
            self.texts.put(out, name);
            encode_attribute(value, out);
        }
    }

    /// Reads what [`EventCoder::encode`] wrote.
    pub(crate) fn decode<'a>(
        &'a self,
        key: &[u8],
        body: &'a [u8],
        attributes: &mut Vec<(&'a str, AttributeView<'a>)>,
    ) -> EventView<'a> {
        let mut reader = Reader::new(body);
        let flags = reader.byte();
        let has = |flag: u8| flags & flag != 0;
        let sort = reader.byte();
        let time = key_time(key);
        let start = time.unwrap_or(0);
        let view = EventView {
            subject_id: key_subject(key),
            time,
            kind: EventKind::ALL.get(usize::from(sort >> 2)).copied().unwrap_or_default(),
            time_precision: PRECISIONS[usize::from(sort & 3)],
            code: self.texts.get(&mut reader),
            end_time: has(HAS_END).then(|| reader.signed() + start),
            recorded_time: has(HAS_RECORDED).then(|| reader.signed() + start),
            numeric_value: has(HAS_NUMBER).then(|| f64::from_le_bytes(reader.eight())),
            text_value: has(HAS_TEXT).then(|| reader.text()),
            unit: has(HAS_UNIT).then(|| self.texts.get(&mut reader)),
            encounter_id: has(HAS_ENCOUNTER).then(|| reader.text()),
            source: has(HAS_SOURCE).then(|| self.texts.get(&mut reader)),
            record_id: has(HAS_RECORD).then(|| reader.text()),
        };
        attributes.clear();
        for _ in 0..reader.varint() {
            let name = self.texts.get(&mut reader);
            attributes.push((name, decode_attribute(&mut reader)));
        }
        view
    }
}

fn encode_attribute(value: &Attribute, out: &mut Vec<u8>) {
    match value {
        Attribute::Integer(number) => {
            out.push(0);
            varint::put_signed(out, *number);
        }
        Attribute::Float(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_le_bytes());
        }
        Attribute::Boolean(is) => out.extend_from_slice(&[2, u8::from(*is)]),
        Attribute::Text(text) => {
            out.push(3);
            varint::put_bytes(out, text.as_bytes());
        }
        Attribute::Time(at) => {
            out.push(4);
            varint::put_signed(out, at.micros());
        }
    }
}

fn decode_attribute<'a>(reader: &mut Reader<'a>) -> AttributeView<'a> {
    match reader.byte() {
        0 => AttributeView::Integer(reader.signed()),
        1 => AttributeView::Float(f64::from_le_bytes(reader.eight())),
        2 => AttributeView::Boolean(reader.byte() != 0),
        3 => AttributeView::Text(reader.text()),
        _ => AttributeView::Time(reader.signed()),
    }
}

/// An event's fields, borrowed from its bytes; times in microseconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventView<'a> {
    pub(crate) subject_id: i64,
    pub(crate) time: Option<i64>,
    pub(crate) kind: EventKind,
    pub(crate) time_precision: TimePrecision,
    pub(crate) code: &'a str,
    pub(crate) end_time: Option<i64>,
    pub(crate) recorded_time: Option<i64>,
    pub(crate) numeric_value: Option<f64>,
    pub(crate) text_value: Option<&'a str>,
    pub(crate) unit: Option<&'a str>,
    pub(crate) encounter_id: Option<&'a str>,
    pub(crate) source: Option<&'a str>,
    pub(crate) record_id: Option<&'a str>,
}

impl<'a> EventView<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        Self {
            subject_id: event.subject_id().get(),
            time: event.time().map(twinloom_event::Timestamp::micros),
            kind: event.kind(),
            time_precision: event.time_precision(),
            code: event.code().as_str(),
            end_time: event.end_time().map(twinloom_event::Timestamp::micros),
            recorded_time: event.recorded_time().map(twinloom_event::Timestamp::micros),
            numeric_value: event.numeric_value(),
            text_value: event.text_value(),
            unit: event.unit().map(twinloom_event::Unit::as_str),
            encounter_id: event.encounter_id().map(twinloom_event::EncounterId::as_str),
            source: event.source().map(twinloom_event::Source::as_str),
            record_id: event.record_id().map(twinloom_event::RecordId::as_str),
        }
    }
}

/// An extra column's value, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AttributeView<'a> {
    Integer(i64),
    Float(f64),
    Boolean(bool),
    Text(&'a str),
    Time(i64),
}

impl<'a> AttributeView<'a> {
    pub(crate) fn of(value: &'a Attribute) -> Self {
        match value {
            Attribute::Integer(value) => Self::Integer(*value),
            Attribute::Float(value) => Self::Float(*value),
            Attribute::Boolean(value) => Self::Boolean(*value),
            Attribute::Text(value) => Self::Text(value),
            Attribute::Time(value) => Self::Time(value.micros()),
        }
    }
}

#[cfg(test)]
mod tests {
    use twinloom_event::{Code, SubjectId, Timestamp, Unit};

    use super::*;

    #[test]
    fn law_key_bytes_order_as_events_do() {
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        let code = Code::parse("A").unwrap();
        let event = |subject, time: Option<i64>, seq| {
            Event::new(SubjectId::new(subject), time.map(at), code.clone()).with_seq(seq)
        };
        let ordered = [
            event(-5, None, 0),
            event(-5, Some(-62_000_000_000_000_000), 9),
            event(-5, Some(-1), 0),
            event(-5, Some(0), 0),
            event(-5, Some(0), 1),
            event(7, None, 3),
            event(7, Some(5), 0),
        ];
        for pair in ordered.windows(2) {
            assert!(event_key(&pair[0]) < event_key(&pair[1]));
        }
        assert_eq!(key_subject(&event_key(&ordered[0])), -5);
        assert_eq!(key_time(&event_key(&ordered[0])), None);
        assert_eq!(key_time(&event_key(&ordered[2])), Some(-1));
    }

    #[test]
    fn law_decode_inverts_encode() {
        let start = Timestamp::from_ymd(2020, 1, 2).unwrap();
        let event = Event::new(SubjectId::new(3), Some(start), Code::parse("LOINC//1").unwrap())
            .with_kind(EventKind::Observation)
            .with_time_precision(TimePrecision::Month)
            .with_end_time(start.plus_days(2.0).unwrap())
            .unwrap()
            .with_numeric_value(0.1)
            .unwrap()
            .with_unit(Unit::new("mg").unwrap())
            .with_attribute("a", Attribute::Integer(-4))
            .with_attribute("b", Attribute::Text("x".into()));
        let mut coder = EventCoder::default();
        let mut body = Vec::new();
        coder.encode(&event, &mut body);
        let mut attributes = Vec::new();
        let view = coder.decode(&event_key(&event), &body, &mut attributes);
        assert_eq!((view.code, view.unit, view.numeric_value), ("LOINC//1", Some("mg"), Some(0.1)));
        assert_eq!(view.end_time, event.end_time().map(Timestamp::micros));
        assert_eq!((view.kind, view.time_precision), (EventKind::Observation, TimePrecision::Month));
        assert_eq!((view.recorded_time, view.text_value, view.record_id), (None, None, None));
        assert_eq!(attributes, [("a", AttributeView::Integer(-4)), ("b", AttributeView::Text("x"))]);
    }
}
