//! A first-come-first-served queue before several servers.

/// Servers that take people in order of arrival. Since nobody overtakes, each start is known on arrival.
#[derive(Clone, Debug)]
pub(crate) struct Servers {
    free_at: Vec<i64>,
}

impl Servers {
    /// Enough servers for a capacity: at least one unless it is 0.
    pub(crate) fn for_capacity(capacity: f64) -> Self {
        let count = if capacity > 0.0 { capacity.round().max(1.0) } else { 0.0 };
        Self { free_at: vec![i64::MIN; count as usize] }
    }

    /// Takes one arrival at `at` for `duration`, starting no sooner than `open` permits: it maps a time
    /// to the first time at or after it at which service may begin. Gives start and server; `None`
    /// without servers.
    pub(crate) fn take(&mut self, at: i64, duration: i64, open: impl Fn(i64) -> i64) -> Option<(i64, u16)> {
        let (server, free_at) = self.free_at.iter().copied().enumerate().min_by_key(|(_, free)| *free)?;
        let start = open(at.max(free_at));
        self.free_at[server] = start.saturating_add(duration.max(0));
        Some((start, server as u16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamKey;
    use crate::supply::erlang::{ErlangC, assert_agrees};

    const MICROS: f64 = 1e6;

    /// Mean wait and share who wait, of 20,000 people after 2,000 others.
    fn replication(servers: u32, load: f64, number: u64) -> (f64, f64) {
        let mut stream = StreamKey::new(17, "erlang").open(u64::from(servers) << 32 | number);
        let mut queue = Servers::for_capacity(f64::from(servers));
        let (mut now, mut waited, mut delayed) = (0.0_f64, 0.0, 0.0);
        for person in 0..22_000 {
            now += -stream.uniform_above_zero().ln() / (f64::from(servers) * load) * MICROS;
            let service = -stream.uniform_above_zero().ln() * MICROS;
            let (start, _) = queue.take(now as i64, service as i64, |at| at).unwrap();
            if person >= 2_000 {
                let wait = start as f64 - now.floor();
                waited += wait / MICROS / 20_000.0;
                delayed += f64::from(u8::from(wait > 0.0)) / 20_000.0;
            }
        }
        (waited, delayed)
    }

    #[test]
    fn ref_waits_agree_with_erlang_c() {
        // 30 independent replications at each (servers, load), seed 17. The mean of replications must be
        // within 5 of its standard errors: for Student's t with 29 degrees of freedom a false alarm in
        // 40,000. The standard error must be small enough for the comparison to mean something.
        for (servers, load) in [(1, 0.5), (1, 0.8), (2, 0.7), (3, 0.85), (8, 0.85)] {
            let seen: Vec<(f64, f64)> = (0..30).map(|number| replication(servers, load, number)).collect();
            let expected = ErlangC { servers, arrival_rate: f64::from(servers) * load, service_rate: 1.0 };
            let waits: Vec<f64> = seen.iter().map(|(wait, _)| *wait).collect();
            let delays: Vec<f64> = seen.iter().map(|(_, delayed)| *delayed).collect();
            assert_agrees(&waits, expected.mean_wait(), 0.04);
            assert_agrees(&delays, expected.probability_of_waiting(), 0.01);
        }
    }

    #[test]
    fn law_more_servers_start_nobody_later() {
        // Holds for first come, first served with services tied to people.
        let mut stream = StreamKey::new(5, "servers").open(1);
        let (mut few, mut more) = (Servers::for_capacity(2.0), Servers::for_capacity(3.0));
        let mut now = 0;
        for _ in 0..5_000 {
            now += stream.below(100) as i64;
            let duration = stream.below(250) as i64;
            let late = few.take(now, duration, |at| at).unwrap().0;
            let soon = more.take(now, duration, |at| at).unwrap().0;
            assert!(now <= soon && soon <= late);
        }
        assert_eq!(Servers::for_capacity(0.0).take(0, 1, |at| at), None);
        assert!(Servers::for_capacity(0.2).take(0, 1, |at| at).is_some());
    }
}
