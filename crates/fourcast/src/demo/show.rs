//! The report as text: tables with Chinese and English headings, the verdicts last.

use super::month::weekday;
use super::report::{Line, Report};
use crate::cli::table::{Table, grouped};

/// The whole report.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut text = format!("\nCampaigns of {} 群发活动\n", report.month);
    text.push_str(&campaigns(report));
    for sent in &report.website {
        text.push_str(&format!(
            "Made on the platform's website, unknown to the server 网站群发: {} people, job {}\n",
            grouped(sent.received),
            sent.msg_id
        ));
    }
    text.push_str("\nWhy people did not receive 收不到的原因\n");
    text.push_str(&reasons(report));
    text.push_str(&format!(
        "A sender who ignores the cap would have wasted {} messages 不顾上限将浪费 {} 条\n",
        grouped(report.wasted),
        grouped(report.wasted)
    ));
    text.push_str("\nMessages received, as the sandbox says 本月实际收到条数\n");
    text.push_str(&received(report));
    text.push_str(&format!(
        "The ledger knows {} exactly and {} as a range 名额账: 精确 {}，区间 {}\n",
        grouped(report.ledger.exact),
        grouped(report.ledger.in_range),
        grouped(report.ledger.exact),
        grouped(report.ledger.in_range)
    ));
    text.push_str("\nCalls of the platform 接口调用\n");
    let mut calls = Table::new(&["path", ">calls"]);
    for (path, number) in &report.calls {
        calls.row([path.clone(), grouped(*number)]);
    }
    text.push_str(&calls.text());
    text.push_str("\nReal time 实际用时\n");
    let mut times = Table::new(&["part", ">seconds"]);
    for timing in &report.timings {
        times.row([timing.part.clone(), format!("{:.1}", timing.seconds)]);
    }
    text.push_str(&times.text());
    if let Some(mib) = report.peak_memory_mib {
        text.push_str(&format!("Most memory held 内存峰值: {} MiB\n", grouped(mib)));
    }
    text.push('\n');
    for check in &report.checks {
        let verdict = if check.holds { "yes ✓" } else { "NO ✗" };
        text.push_str(&format!("{}: {verdict}\n", check.sentence));
    }
    text
}

fn campaigns(report: &Report) -> String {
    let mut table = Table::new(&[
        "when 时间",
        "campaign 活动",
        ">segment 人群",
        ">forecast 预报",
        ">delivered 送达",
        ">full 已满",
        "by",
        ">calls",
        "as forecast 相符",
    ]);
    for line in &report.campaigns {
        table.row([
            format!("{} {}", short(line), weekday(line.at)),
            line.name.clone(),
            grouped(line.people),
            forecast(line),
            grouped(line.delivered),
            grouped(line.wasted),
            line.way.clone(),
            line.calls.to_string(),
            verdict(line),
        ]);
    }
    table.text()
}

fn verdict(line: &Line) -> String {
    let mut words = match (line.as_forecast, line.possible) {
        (false, _) => return "NO".to_owned(),
        (true, 0) => "yes".to_owned(),
        (true, _) => "yes, inside the range".to_owned(),
    };
    // A call that waited for another day's budget finds some people gone.
    if line.outcome.left_before > 0 {
        words.push_str(&format!("; {} left before it", grouped(line.outcome.left_before)));
    }
    words
}

// `03-02 10:00` of `2026-03-02T10:00:00+08:00`.
fn short(line: &Line) -> String {
    let text = line.at.to_string();
    let day = text.get(5..10).unwrap_or_default();
    let time = text.get(11..16).unwrap_or_default();
    format!("{day} {time}")
}

fn forecast(line: &Line) -> String {
    match line.possible {
        0 => grouped(line.certain),
        possible => format!("{}–{}", grouped(line.certain), grouped(line.certain + possible)),
    }
}

fn reasons(report: &Report) -> String {
    let mut table = Table::new(&[">people 人次", "reason", "原因"]);
    for reason in &report.reasons {
        table.row([grouped(reason.people), reason.sentence.clone(), reason.sentence_zh.clone()]);
    }
    table.text()
}

fn received(report: &Report) -> String {
    let most = report.ledger.received.values().copied().max().unwrap_or(0).max(1);
    let mut table = Table::new(&[">messages 条", ">followers 粉丝", ""]);
    for (messages, people) in &report.ledger.received {
        let bar = usize::try_from((people * 40).div_ceil(most)).unwrap_or(40);
        table.row([messages.to_string(), grouped(*people), "█".repeat(bar)]);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_report_reads_as_a_page() {
        insta::assert_snapshot!(super::text(&super::super::report::tests::sample()));
    }
}
