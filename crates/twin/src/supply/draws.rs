//! Random draws that belong to one demand, or to one service on one day.

use super::Demand;
use super::measures::day_of;
use crate::engine::Moment;
use crate::stream::{Stream, StreamKey};

/// Draws of one purpose for demands.
///
/// A stream belongs to (seed, purpose, person, process, day): a demand that someone makes in one
/// scenario only shifts neither the draws of others nor those of the person's own other days. Two
/// demands of one process on one day share their draws.
#[derive(Clone, Debug)]
pub(crate) struct DemandDraws {
    key: StreamKey,
}

impl DemandDraws {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self { key: StreamKey::new(seed, purpose) }
    }

    pub(crate) fn open(&self, demand: &Demand) -> Stream {
        self.open_for(demand.person, demand.process, demand.at)
    }

    pub(crate) fn open_for(&self, person: u64, process: u16, at: Moment) -> Stream {
        // 32 bits of person, 16 of process, 16 of day (until the year 2149).
        let day = day_of(at) as u64 & 0xffff;
        self.key.open((person << 32) | (u64::from(process) << 16) | day)
    }
}

/// Draws of one purpose for a numbered part of a locality, such as a practice's clinic, on a day.
#[derive(Clone, Debug)]
pub(crate) struct PlaceDraws {
    key: StreamKey,
    locality: u64,
}

impl PlaceDraws {
    pub(crate) fn new(seed: u64, purpose: &str, locality: u64) -> Self {
        Self { key: StreamKey::new(seed, purpose), locality }
    }

    pub(crate) fn open(&self, part: u32, day: i64) -> Stream {
        // 24 bits of locality, 24 of part, 16 of day.
        let part = u64::from(part) & 0xff_ffff;
        self.key.open((self.locality << 40) | (part << 16) | (day as u64 & 0xffff))
    }
}

/// An exponential time in minutes with a mean, as microseconds.
pub(crate) fn exponential_micros(mean_minutes: f64, stream: &mut Stream) -> i64 {
    (-stream.uniform_above_zero().ln() * mean_minutes * super::measures::MINUTE_MICROS as f64) as i64
}
