//! The promises about segments: counts in a millisecond over ten million followers, windows over a
//! hundred million orders, the forecast of a month, memory, and a quick start from a snapshot; on
//! wish beside DuckDB, ClickHouse (chdb) and SQLite on the same data in the same run.

mod beside;
mod shop;

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::PathBuf;
use std::time::Instant;

use audience::segment::Context;
use audience::{Index, Order, Segment, Set};
use clap::Args;
use ledger::{Effect, Slots};
use serde::Serialize;

use super::machine;
use crate::Error;
use crate::cli::Out;
use crate::cli::table::Table;
use shop::{NOW, Shop};

const WINDOW: &str = "orders.count(90d) >= 2 and orders.sum(amount, 90d) >= 500";
const CAMPAIGNS: u32 = 50;
/// Read to tell how fast memory is.
const MEMORY_PROBE: usize = 1 << 27;

/// What `bench audience` takes.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// Followers
    #[arg(long, default_value_t = 10_000_000)]
    followers: u32,
    /// Orders of each, on average
    #[arg(long, default_value_t = 10)]
    orders: u32,
    /// Another seed, another shop
    #[arg(long, default_value_t = 20_140_601)]
    seed: u64,
    /// Measure DuckDB, chdb and SQLite on the same data too (downloads them from PyPI)
    #[arg(long)]
    beside: bool,
    /// Folder for the snapshot, the data of the others and their Python
    #[arg(long, default_value = "target/bench-audience")]
    folder: PathBuf,
}

#[derive(Debug, Serialize)]
struct Figures {
    machine: String,
    followers: u32,
    orders: usize,
    figures: Vec<Figure>,
    others: Vec<beside::Other>,
    missed: Vec<String>,
}

/// A measured number. Goals are those of ten million followers and a hundred million orders.
#[derive(Debug, Serialize)]
struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    goal: Option<f64>,
    note: String,
}

struct Month<'a> {
    slots: &'a Slots,
}

impl Context for Month<'_> {
    fn received(&self, _campaign_key: &str) -> Option<Cow<'_, Set>> {
        None
    }

    fn slots_at_least(&self, _n: u8) -> Set {
        Set::new()
    }

    fn slots_used(&self) -> Option<(&[Set], u8)> {
        Some((self.slots.used_max_planes(), self.slots.cap()))
    }

    fn campaign_keys(&self) -> Vec<String> {
        Vec::new()
    }
}

#[derive(Default)]
struct Bench {
    figures: Vec<Figure>,
}

impl Bench {
    fn put(&mut self, what: &str, value: f64, unit: &'static str, goal: Option<f64>, note: String) {
        eprintln!("{what}: {value:.3} {unit} {note}");
        self.figures.push(Figure { what: what.into(), value, unit, goal, note });
    }
}

/// Measures all and shows it; `false` when a goal was missed.
///
/// # Errors
/// When a segment is wrong, an answer differs, or the folder cannot be written.
pub(super) fn run(options: &Options, out: Out) -> Result<bool, Error> {
    let machine = machine::described();
    std::fs::create_dir_all(&options.folder)
        .map_err(Error::failed(format!("make {}", options.folder.display())))?;
    let shop = Shop { followers: options.followers, orders: options.orders, seed: options.seed };
    let mut bench = Bench::default();
    let (index, slots) = fill(&shop, &mut bench)?;
    let answers = questions(&mut bench, &index, slots)?;
    let orders = index.orders().len();
    let index = changes(&mut bench, index)?;
    snapshot(&mut bench, index, options)?;
    let others = match options.beside {
        true => beside::run(&shop, &options.folder, &answers)?,
        false => Vec::new(),
    };
    beside::compare(&others, &mut bench.figures);
    let missed = bench.figures.iter().filter(|figure| !figure.met());
    let missed: Vec<String> = missed.map(|figure| figure.what.clone()).collect();
    let good = missed.is_empty();
    let followers = options.followers;
    let figures = bench.figures;
    out.show(&Figures { machine, followers, orders, figures, others, missed }, text)?;
    Ok(good)
}

impl Figure {
    /// Ratios to others are to be as large as the goal, everything else as small.
    fn met(&self) -> bool {
        self.goal.is_none_or(|goal| match self.unit {
            "times" => self.value >= goal,
            _ => self.value <= goal,
        })
    }
}

fn fill(shop: &Shop, bench: &mut Bench) -> Result<(Index, Slots), Error> {
    let before = machine::resident_bytes()?;
    let start = Instant::now();
    let index = shop.index(true, |_| ());
    let seconds = start.elapsed().as_secs_f64();
    bench.put("made and filled, one thread", seconds, "s", None, String::new());
    let held = index.orders().memory() as f64;
    let each = held / index.orders().len().max(1) as f64;
    bench.put("memory of an order", each, "bytes", Some(12.0), String::new());
    let mut slots = Slots::new(4);
    shop.sends().iter().for_each(|who| slots.apply(Effect::Received, who));
    let all = (index.memory() + slots.memory()) as f64;
    let each = (all - held) / f64::from(index.len().max(1));
    let note = "40 tags, 10 attributes, month counts".to_owned();
    bench.put("memory of a follower, without orders", each, "bytes", Some(200.0), note);
    let resident = machine::resident_bytes()?.saturating_sub(before) as f64;
    let note = format!("counted {:.0}", all / 1e6);
    bench.put("memory, as the system counts it", resident / 1e6, "MB", None, note);
    Ok((index, slots))
}

/// What the others must answer too.
struct Answers {
    ten_tags: usize,
    eligible: usize,
    window: usize,
    ten_tags_ms: f64,
    eligible_ms: f64,
    window_ms: f64,
}

fn questions(bench: &mut Bench, index: &Index, mut slots: Slots) -> Result<Answers, Error> {
    let month = Month { slots: &slots };
    let parse = |text: &str| {
        let segment = Segment::parse(text).and_then(|segment| segment.compile(index, &month));
        segment.map_err(Error::failed(format!("read the segment {text}")))
    };
    let ten = parse(&shop::ten_tags())?;
    let (ten_tags_ms, ten_tags) = median(51, || ten.count(index, &month, NOW));
    bench.put("count of ten tags", ten_tags_ms, "ms", Some(1.0), format!("{ten_tags} followers"));
    let eligible = parse(&format!("{} and slots >= 1", shop::ten_tags()))?;
    let (eligible_ms, with_slot) = median(51, || eligible.count(index, &month, NOW));
    let more = (eligible_ms - ten_tags_ms).max(0.0);
    let note = format!("{with_slot} followers");
    bench.put("and a slot left, on top", more, "ms", Some(0.2), note);

    let campaigns: Vec<Set> = shop::campaigns(CAMPAIGNS)
        .iter()
        .map(|text| Ok(parse(text)?.evaluate(index, &month, NOW)))
        .collect::<Result<_, Error>>()?;
    let lent: Vec<&Set> = campaigns.iter().collect();
    let processor = machine::processor_time()?;
    let (ms, numbers) = median(7, || planner::month(&lent, index.following(), &slots));
    let processor =
        (machine::processor_time()?.saturating_sub(processor)).as_secs_f64() * 1e3 / 8.0;
    let reached: u64 = numbers.iter().map(|numbers| numbers.certain).sum();
    let note =
        format!("{reached} messages reach somebody; {processor:.0} ms of processor time in all");
    bench.put("forecast of a month of 50 campaigns", ms, "ms", Some(50.0), note);
    let (ms, _) = median(3, || Set::overlap(&lent));
    bench.put("overlap of 50 segments", ms, "ms", Some(1_000.0), String::new());

    let speed = memory_speed();
    bench.put("memory is read at, both cores", speed, "GB/s", None, String::new());
    let window = parse(WINDOW)?;
    let processor = machine::processor_time()?;
    let cold: Vec<f64> = (1..=3)
        .map(|place| {
            // Another minute is another window: nothing kept can answer it.
            let later = NOW + place * 60;
            let start = Instant::now();
            std::hint::black_box(window.count(index, &month, later));
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let window_ms = middle(cold);
    let processor =
        (machine::processor_time()?.saturating_sub(processor)).as_secs_f64() * 1e3 / 3.0;
    let found = window.count(index, &month, NOW);
    let note = format!("{found} followers; {WINDOW}; {processor:.0} ms of processor time in all");
    bench.put("two conditions on a window, first time", window_ms, "ms", Some(300.0), note);
    let bytes = index.orders().len() as f64 * 8.4;
    let floor = bytes / speed / 1e6;
    let note = format!("the bytes it needs, read at memory speed, take {floor:.1} ms");
    bench.put("that, as a multiple of reading it", window_ms / floor, "", Some(3.0), note);
    let (ms, _) = median(21, || window.count(index, &month, NOW + 20));
    bench.put("again, nothing changed since", ms, "ms", Some(5.0), String::new());

    let text = format!("{} and slots >= 1 and {WINDOW} and 城市 = \"城市7\"", shop::ten_tags());
    let asked = parse(&text)?;
    let (ms, _) = median(51, || asked.explain(index, &month, NOW, index.len() / 2));
    bench.put("explain a follower, 14 conditions", ms, "ms", Some(1.0), String::new());
    let city = parse("城市 = \"城市7\" and 积分 > 90000")?;
    let (ms, _) = median(5, || city.count(index, &month, NOW));
    bench.put("count of a text and a number", ms, "ms", None, String::new());

    let million = index.everyone().sample(1_000_000, "bench");
    let (ms, ()) = median(21, || slots.apply(Effect::Received, &million));
    bench.put("one message more for a million", ms, "ms", Some(1.0), String::new());
    let window_found = found;
    Ok(Answers {
        ten_tags,
        eligible: with_slot,
        window: window_found,
        ten_tags_ms,
        eligible_ms,
        window_ms,
    })
}

/// An order more: the next count has it.
fn changes(bench: &mut Bench, mut index: Index) -> Result<Index, Error> {
    let slots = Slots::new(4);
    let month = Month { slots: &slots };
    let window =
        Segment::parse("orders.count(90d) >= 2").map_err(Error::failed("read a segment"))?;
    let before = window.count(&index, &month, NOW);
    let ord = (0..index.len()).find(|ord| {
        let orders = index.orders().of(*ord);
        orders.iter().filter(|order| order.at >= NOW + -90 * 86_400).count() == 1
    });
    let Some(ord) = ord else { return Ok(index) };
    index.add_order(ord, Order { at: NOW, cents: 100, items: 1, refunded_cents: 0 });
    let start = Instant::now();
    let after = window.count(&index, &month, NOW);
    let ms = start.elapsed().as_secs_f64() * 1e3;
    if after != before + 1 {
        return Err(Error::asked("an order added was not counted", "tell us with the seed"));
    }
    bench.put("count after one order more", ms, "ms", None, String::new());
    Ok(index)
}

fn snapshot(bench: &mut Bench, index: Index, options: &Options) -> Result<(), Error> {
    let path = options.folder.join("index");
    let failed = |what: &str| format!("{what} {}", path.display());
    let file = File::create(&path).map_err(Error::failed(failed("make")))?;
    let start = Instant::now();
    index
        .write_snapshot(BufWriter::with_capacity(1 << 20, file), "bench")
        .map_err(Error::failed(failed("write")))?;
    let seconds = start.elapsed().as_secs_f64();
    let bytes = std::fs::metadata(&path).map_or(0, |about| about.len()) as f64;
    let note = format!("{:.0} MB", bytes / 1e6);
    bench.put("snapshot written", seconds, "s", None, note);
    drop(index);
    let file = File::open(&path).map_err(Error::failed(failed("open")))?;
    let start = Instant::now();
    let read = Index::read_snapshot(BufReader::with_capacity(1 << 20, file), "bench")
        .map_err(Error::failed(failed("read")))?;
    let seconds = start.elapsed().as_secs_f64();
    let note = format!("{} followers ready", read.len());
    bench.put("snapshot read", seconds, "s", Some(5.0), note);
    std::fs::remove_file(&path).map_err(Error::failed(failed("remove")))
}

/// Median milliseconds, and the last answer.
fn median<T>(times: usize, mut run: impl FnMut() -> T) -> (f64, T) {
    let mut answer = run();
    let taken = (0..times)
        .map(|_| {
            let start = Instant::now();
            answer = std::hint::black_box(run());
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    (middle(taken), answer)
}

fn middle(mut taken: Vec<f64>) -> f64 {
    taken.sort_by(f64::total_cmp);
    taken.get(taken.len() / 2).copied().unwrap_or(0.0)
}

/// Gigabytes a second that all cores read together, at best of five.
fn memory_speed() -> f64 {
    let words: Vec<u64> = (0..MEMORY_PROBE as u64).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let best = (0..5).map(|_| {
        let start = Instant::now();
        let total: u64 = std::thread::scope(|scope| {
            let parts = words.chunks(words.len().div_ceil(cores));
            let sum = |part: &[u64]| part.iter().fold(0u64, |sum, word| sum.wrapping_add(*word));
            let running: Vec<_> = parts.map(|part| scope.spawn(move || sum(part))).collect();
            running.into_iter().filter_map(|one| one.join().ok()).fold(0, u64::wrapping_add)
        });
        std::hint::black_box(total);
        (words.len() * 8) as f64 / start.elapsed().as_secs_f64() / 1e9
    });
    best.fold(0.0, f64::max)
}

fn text(figures: &Figures) -> String {
    let mut table = Table::new(&["what", ">figure", "", ">goal", "met", "note"]);
    for figure in &figures.figures {
        let goal = figure.goal.map(|goal| goal.to_string());
        let met = figure.goal.map(|_| if figure.met() { "yes" } else { "NO" });
        table.row([
            figure.what.clone(),
            format!("{:.3}", figure.value),
            figure.unit.to_owned(),
            goal.unwrap_or_default(),
            met.unwrap_or_default().to_owned(),
            figure.note.clone(),
        ]);
    }
    let mut text = format!(
        "{}\n{} followers, {} orders\n{}",
        figures.machine,
        figures.followers,
        figures.orders,
        table.text()
    );
    if !figures.others.is_empty() {
        let mut others = Table::new(&["system", "question", ">ms"]);
        for other in &figures.others {
            let ms = other.ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.2}"));
            others.row([other.system.clone(), other.what.clone(), ms]);
        }
        text.push_str(&format!("\n{}", others.text()));
    }
    text
}
