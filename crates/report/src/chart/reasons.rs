//! What moved one prediction: bars to either side of nothing.

use crate::figure::{Column, DataTable, Figure, Key, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::measure::{fit, text_width};
use crate::model::{ReasonBar, ReasonBars};
use crate::scale::{Linear, Ticks};
use crate::svg::{self, Anchor};

const WIDTH: f64 = 1120.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 46.0;
const ROW: f64 = 26.0;
const BAR: f64 = 15.0;
const LABEL_SIZE: f64 = 13.0;
const WIDEST_LABEL: f64 = 340.0;
const PLACE: f64 = 300.0;
/// Room for the factor at a bar's end.
const FACTOR: f64 = 58.0;
/// Weights beyond this many log odds are a factor that no scale needs to show.
const FURTHEST: f64 = 20.0;

/// Draws the bars.
pub(crate) fn reason_bars(bars: &ReasonBars) -> Figure {
    let drawn: Vec<&ReasonBar> = bars.rows.iter().filter(|row| row.weight.is_finite()).collect();
    let mut caption = bars.caption.clone();
    if bars.left_out > 0 {
        let left_out = format::plural(bars.left_out, "weaker reason is", "weaker reasons are");
        format::add(&mut caption, format_args!(" {left_out} not shown."));
    }
    Figure {
        shape: Shape::Wide,
        legend: vec![
            Key::swatch("reason raises", "Raises the prediction"),
            Key::swatch("reason lowers", "Lowers it"),
        ],
        drawing: if drawn.is_empty() { nothing("No reason to draw.") } else { vec![draw(&drawn)] },
        caption,
        reading: bars.reading.clone(),
        data: vec![data(bars)],
    }
}

fn draw(rows: &[&ReasonBar]) -> Element {
    let labels =
        rows.iter().map(|row| text_width(&row.label, LABEL_SIZE)).fold(140.0, f64::max).min(WIDEST_LABEL);
    let furthest = rows.iter().map(|row| shown(row.weight).abs()).fold(0.05, f64::max);
    let ticks = Ticks::covering(-furthest, furthest, 7);
    let scale = Linear::new(ticks.domain(), (labels + 14.0 + FACTOR, WIDTH - PLACE - 20.0 - FACTOR));
    let bottom = TOP + ROW * rows.len() as f64;
    let mut root = svg::root(WIDTH, bottom + BOTTOM, &format!("Bars of {} reasons", rows.len()));
    for (tick, label) in ticks.labelled() {
        let x = scale.at(tick);
        root.push(svg::line(x, TOP, x, bottom, "grid"));
        root.push(svg::text(x, bottom + 14.0, Anchor::Middle, "tick", label));
    }
    let zero = scale.at(0.0);
    let foot = "What it adds to the log odds; at each bar's end the factor on the odds";
    root.push(svg::text(zero, bottom + 33.0, Anchor::Middle, "tick", foot));
    root.push(svg::text(WIDTH - PLACE, TOP - 14.0, Anchor::Start, "tick", "Where it stands in the record"));
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * (index as f64 + 0.5);
        let end = scale.at(shown(row.weight));
        let (class, anchor, beside) = if row.weight < 0.0 {
            ("reason lowers", Anchor::End, -6.0)
        } else {
            ("reason raises", Anchor::Start, 6.0)
        };
        let tip = format!("{}: {} on the odds; {}", row.label, factor(row.weight), row.place);
        root.push(
            svg::group("row")
                .child(svg::tooltip(tip))
                .child(svg::text(labels + 4.0, y, Anchor::End, "label", fit(&row.label, LABEL_SIZE, labels)))
                .child(svg::rectangle(zero.min(end), y - BAR / 2.0, (end - zero).abs(), BAR, class))
                .child(svg::text(end + beside, y, anchor, "tiny", factor(row.weight)))
                .child(svg::text(
                    WIDTH - PLACE,
                    y,
                    Anchor::Start,
                    "remark",
                    fit(&row.place, LABEL_SIZE - 2.0, PLACE),
                )),
        );
    }
    root.push(svg::line(zero, TOP - 4.0, zero, bottom, "axis"));
    root
}

fn shown(weight: f64) -> f64 {
    weight.clamp(-FURTHEST, FURTHEST)
}

/// What the odds are multiplied by: `×2.10`; `÷2.10` reads easier than `×0.48` beside it.
fn factor(weight: f64) -> String {
    let sign = if weight < 0.0 { '÷' } else { '×' };
    format!("{sign}{}", format::fixed(shown(weight).abs().exp(), 2))
}

fn data(bars: &ReasonBars) -> DataTable {
    let columns = vec![
        Column::words("Reason"),
        Column::numbers("Added to the log odds"),
        Column::numbers("Factor on the odds"),
        Column::words("Where it stands in the record"),
    ];
    let mut table = DataTable::new("What each reason adds", columns);
    table.rows = bars
        .rows
        .iter()
        .map(|row| {
            vec![row.label.clone(), format::fixed(row.weight, 3), factor(row.weight), row.place.clone()]
        })
        .collect();
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ref_factors_read_both_ways() {
        assert_eq!(factor(2.0_f64.ln()), "×2.00");
        assert_eq!(factor(0.5_f64.ln()), "÷2.00");
        assert_eq!(factor(0.0), "×1.00");
    }

    #[test]
    fn regress_nothing_and_numbers_that_are_none() {
        let row = |weight| ReasonBar { label: "AF".into(), weight, place: "on 2019-12-12".into() };
        assert!(reason_bars(&ReasonBars::default()).data[0].rows.is_empty());
        let bars = ReasonBars {
            rows: vec![row(0.7), row(-1e9), row(f64::NAN)],
            left_out: 1,
            ..ReasonBars::default()
        };
        let figure = reason_bars(&bars);
        assert!(figure.caption.ends_with("1 weaker reason is not shown."));
        assert_eq!(figure.drawing.len(), 1);
    }
}
