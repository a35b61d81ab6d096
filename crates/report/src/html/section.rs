//! One section: heading, introduction, figure or table.

use crate::chart;
use crate::figure::{Column, DataTable, Figure, Shape, nothing};
use crate::format;
use crate::markup::Element;
use crate::model::{Cell, Content, Intake, IntakeTable, Methods, Section, Table};

/// Hexadecimal digits of a hash that are shown; the rest is in the tooltip.
const HASH_SHOWN: usize = 16;

/// The section's heading, its own or its content's.
pub(super) fn heading(section: &Section) -> String {
    section.heading.clone().unwrap_or_else(|| {
        match &section.content {
            Content::Intake(_) => "What was read",
            Content::PopulationPyramid(_) => "Who is in the study",
            Content::Prevalence(_) => "How common conditions are",
            Content::PatientTimeline(_) => "One patient over time",
            Content::GraphSchema(_) => "The graph",
            Content::Neighbourhood(_) => "A neighbourhood of the graph",
            Content::Results(_) => "How well the models predict",
            Content::Calibration(_) => "Whether predicted risks are right",
            Content::DecisionCurves(_) => "Whether acting on the predictions does good",
            Content::DotPlot(_) => "Estimates side by side",
            Content::Distributions(_) => "Column by column",
            Content::HeatMap(_) => "Pairs of columns",
            Content::StepCurves(_) => "Time to an event",
            Content::Curves(_) => "Curves",
            Content::Budgets(_) => "What privacy costs",
            Content::WeightBars(_) => "Conditions that go together",
            Content::ProgressionScatter(_) => "Which conditions come first",
            Content::Transitions(_) => "From one condition to the next",
            Content::EgoNetwork(_) => "One condition and its neighbours",
            Content::GroupDifference(_) => "Two groups compared",
            Content::ConditionNetwork(_) => "A network of conditions",
            Content::ReasonBars(_) => "Why this was predicted",
            Content::PointMap(_) => "Maps",
            Content::Methods(_) => "Methods and limits",
            Content::Table(_) => "Table",
        }
        .to_owned()
    })
}

/// The section as HTML; numbers its figures on from `figures`.
pub(super) fn section(index: usize, section: &Section, figures: &mut usize) -> Element {
    let number = index + 1;
    let title = format!("section-{number}-title");
    let mut element = Element::new("section")
        .class("card")
        .attribute("id", format!("section-{number}"))
        .attribute("aria-labelledby", title.clone())
        .child(
            Element::new("h2")
                .attribute("id", title)
                .child(Element::with_text("span", number.to_string()).class("section-number"))
                .text(heading(section)),
        );
    if let Some(introduction) = &section.introduction {
        element.push(Element::with_text("p", introduction.clone()).class("introduction"));
    }
    match &section.content {
        Content::Intake(intake) => element.children(self::intake(intake)),
        Content::PopulationPyramid(content) => element.child(figure(chart::pyramid(content), figures)),
        Content::Prevalence(content) => element.child(figure(chart::prevalence(content), figures)),
        Content::PatientTimeline(content) => element.child(figure(chart::timeline(content), figures)),
        Content::GraphSchema(content) => element.child(figure(chart::schema(content), figures)),
        Content::Neighbourhood(content) => element.child(figure(chart::neighbourhood(content), figures)),
        Content::Results(content) => element.child(figure(chart::results(content), figures)),
        Content::Calibration(content) => element.child(figure(chart::calibration(content), figures)),
        Content::DecisionCurves(content) => element.child(figure(chart::decision(content), figures)),
        Content::DotPlot(content) => element.child(figure(chart::dot_plot(content), figures)),
        Content::Distributions(content) => element.child(figure(chart::distributions(content), figures)),
        Content::HeatMap(content) => element.child(figure(chart::heat_map(content), figures)),
        Content::StepCurves(content) => element.child(figure(chart::steps(content), figures)),
        Content::Curves(content) => element.child(figure(chart::curves(content), figures)),
        Content::Budgets(content) => element.child(figure(chart::budgets(content), figures)),
        Content::WeightBars(content) => element.child(figure(chart::weight_bars(content), figures)),
        Content::ProgressionScatter(content) => element.child(figure(chart::progression(content), figures)),
        Content::Transitions(content) => element.child(figure(chart::transitions(content), figures)),
        Content::EgoNetwork(content) => element.child(figure(chart::ego(content), figures)),
        Content::GroupDifference(content) => element.child(figure(chart::difference(content), figures)),
        Content::ConditionNetwork(content) => element.child(figure(chart::network(content), figures)),
        Content::ReasonBars(content) => element.child(figure(chart::reason_bars(content), figures)),
        Content::PointMap(content) => element.child(figure(chart::point_map(content), figures)),
        Content::Methods(methods) => element.children(self::methods(methods)),
        Content::Table(table) => element.child(self::table(table).element()),
    }
}

fn figure(figure: Figure, figures: &mut usize) -> Element {
    *figures += 1;
    let shape = match figure.shape {
        Shape::Beside => "beside",
        Shape::Wide => "wide",
        Shape::Panels => "panels",
    };
    let mut plot = Element::new("div").class("plot");
    if !figure.legend.is_empty() {
        plot.push(Element::new("ul").class("legend").children(
            figure.legend.into_iter().map(|key| Element::new("li").child(key.mark).text(key.meaning)),
        ));
    }
    plot.push(
        Element::new("div")
            .class("drawing")
            .attribute("tabindex", "0")
            .attribute("role", "group")
            .attribute("aria-label", format!("Figure {figures}"))
            .children(figure.drawing),
    );
    let words = Element::new("figcaption")
        .child(
            Element::new("p")
                .child(Element::with_text("strong", format!("Figure {figures}. ")))
                .text(figure.caption),
        )
        .child(
            Element::new("p")
                .class("reading")
                .child(Element::with_text("strong", "How to read this. "))
                .text(figure.reading),
        );
    let tables = figure.data.iter().map(DataTable::element);
    let summary = format!("The numbers behind figure {figures}");
    let details = Element::new("details").child(Element::with_text("summary", summary)).children(tables);
    Element::new("figure").class(shape).child(plot).child(words).child(details)
}

fn intake(intake: &Intake) -> Vec<Element> {
    let sum = |pick: fn(&IntakeTable) -> u64| format::total(intake.tables.iter().map(pick));
    let (read, kept, skipped) = (sum(|t| t.read), sum(|t| t.kept), sum(|t| t.skipped));
    let mut text = format!(
        "{} were read{}; {} were kept ({}) and {} skipped.",
        format::plural(read, "item", "items"),
        match (intake.files, intake.bytes) {
            (0, _) => String::new(),
            (files, 0) => format!(" from {}", format::plural(files, "file", "files")),
            (files, bytes) =>
                format!(" from {} ({})", format::plural(files, "file", "files"), format::bytes(bytes)),
        },
        format::count(kept),
        format::percent(kept as f64 / read.max(1) as f64),
        format::count(skipped)
    );
    if !intake.format.is_empty() {
        text = format!("Format: {}. {text}", intake.format);
    }
    let mut counts = DataTable::new(
        "Items by resource type or table",
        vec![
            Column::words("Type or table"),
            Column::numbers("Read"),
            Column::numbers("Kept"),
            Column::numbers("Skipped"),
            Column::numbers("Share kept"),
            Column::numbers("Events made"),
        ],
    );
    for table in &intake.tables {
        let share = if table.read > 0 {
            format::percent(table.kept as f64 / table.read as f64)
        } else {
            format::ABSENT.to_owned()
        };
        let numbers = [table.read, table.kept, table.skipped].map(format::count);
        let mut row = vec![table.name.clone()];
        row.extend(numbers);
        row.extend([share, format::count(table.events)]);
        counts.rows.push(row);
    }
    let mut elements = vec![Element::with_text("p", text), counts.element()];
    if intake.problems.is_empty() {
        elements.extend(nothing("Nothing was skipped or changed on reading."));
        return elements;
    }
    let mut problems = DataTable::new(
        "What was skipped or changed on reading, and why",
        vec![
            Column::words("Type or table"),
            Column::words("Sort"),
            Column::words("Reason"),
            Column::numbers("Times"),
            Column::words("First place"),
        ],
    );
    for problem in &intake.problems {
        problems.rows.push(vec![
            problem.table.clone(),
            problem.sort.clone(),
            problem.reason.clone(),
            format::count(problem.count),
            problem.first_location.clone().unwrap_or_else(|| format::ABSENT.to_owned()),
        ]);
    }
    elements.push(problems.element());
    elements
}

fn methods(methods: &Methods) -> Vec<Element> {
    let mut elements = Vec::new();
    for block in &methods.blocks {
        elements.push(Element::with_text("h3", block.heading.clone()));
        let paragraphs = block.paragraphs.iter();
        elements.extend(paragraphs.map(|text| Element::with_text("p", text.clone()).class("prose")));
    }
    if !methods.limits.is_empty() {
        elements.push(Element::with_text("h3", "Limits"));
        let limits = methods.limits.iter().map(|limit| Element::with_text("li", limit.clone()));
        elements.push(Element::new("ul").class("prose").children(limits));
    }
    if !methods.manifest.is_empty() {
        elements.push(Element::with_text("h3", "Manifest"));
        elements.push(manifest(methods));
    }
    elements
}

fn manifest(methods: &Methods) -> Element {
    let head = ["File", "Part", "Size", "SHA-256"];
    let heads = head.iter().enumerate().map(|(index, name)| {
        let class = if index == 2 { "number" } else { "words" };
        Element::with_text("th", *name).attribute("scope", "col").class(class)
    });
    let rows = methods.manifest.iter().map(|entry| {
        let short: String = entry.sha256.chars().take(HASH_SHOWN).collect();
        let short = if short.len() < entry.sha256.len() { format!("{short}…") } else { short };
        let size = entry.bytes.map_or_else(|| format::ABSENT.to_owned(), format::bytes);
        Element::new("tr")
            .child(Element::with_text("th", entry.name.clone()).attribute("scope", "row").class("words"))
            .child(Element::with_text("td", entry.role.clone()).class("words"))
            .child(Element::with_text("td", size).class("number"))
            .child(
                Element::new("td")
                    .class("words")
                    .attribute("title", entry.sha256.clone())
                    .child(Element::with_text("code", short)),
            )
    });
    let caption = "Inputs and outputs with their size and hash";
    let table = Element::new("table")
        .child(Element::with_text("caption", caption))
        .child(Element::new("thead").child(Element::new("tr").children(heads)))
        .child(Element::new("tbody").children(rows));
    crate::figure::scroll(table, caption)
}

fn table(table: &Table) -> DataTable {
    let numeric = |column: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(column)).peekable();
        cells.peek().is_some() && cells.all(|cell| !matches!(cell, Cell::Text(_)))
    };
    let columns = table.columns.iter().enumerate().map(|(index, name)| {
        if numeric(index) { Column::numbers(name.clone()) } else { Column::words(name.clone()) }
    });
    let mut shown = DataTable::new(table.caption.clone(), columns.collect());
    shown.rows = table
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| match cell {
                    Cell::Text(text) => text.clone(),
                    Cell::Count(count) => format::count(*count),
                    Cell::Number { value, decimals } => format::fixed(*value, usize::from(*decimals)),
                    Cell::Empty => format::ABSENT.to_owned(),
                })
                .collect()
        })
        .collect();
    shown
}
