//! The report as text: tables with Chinese and English headings, the verdicts last.

use super::month::weekday;
use super::planned::Comparison;
use super::report::{Line, Report};
use crate::cli::table::{Table, grouped, yuan};

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
    if let Some(compared) = &report.planned {
        text.push_str(&planned(compared));
    }
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

/// The month planned beside first come.
fn planned(compared: &Comparison) -> String {
    let mut text = format!(
        "\nThe same month planned, beside first come 计划与先到先得（各 {} 名相同粉丝）\n",
        grouped(u64::from(compared.followers))
    );
    let mut table = Table::new(&[
        "when 时间",
        "campaign 活动",
        ">planned 计划",
        ">delivered 送达",
        ">first come 先到先得",
    ]);
    for line in &compared.campaigns {
        let at = line.at.to_string();
        table.row([
            format!("{} {}", at.get(5..10).unwrap_or_default(), weekday(line.at)),
            line.name.clone(),
            grouped(line.chosen),
            grouped(line.planned),
            grouped(line.first_come),
        ]);
    }
    text.push_str(&table.text());
    text.push('\n');
    let mut table = Table::new(&["", ">planned 计划", ">first come 先到先得", ">difference 差"]);
    let (plan, first) = (&compared.planned, &compared.first_come);
    let share = |plan: f64, first: f64| {
        if first == 0.0 { String::new() } else { format!("{:+.1} %", (plan / first - 1.0) * 100.0) }
    };
    let worth = |worth: f64| yuan((worth * 100.0).round() as i64);
    let counts =
        |plan: u64, first: u64| [grouped(plan), grouped(first), share(plan as f64, first as f64)];
    let sums = |plan: f64, first: f64| [worth(plan), worth(first), share(plan, first)];
    for (name, cells) in [
        ("worth expected 预期价值", sums(plan.expected, first.expected)),
        ("worth in truth 实际价值", sums(plan.worth, first.worth)),
        ("orders 订单", counts(plan.orders, first.orders)),
        ("orders in yuan 订单金额", sums(plan.cents as f64 / 100.0, first.cents as f64 / 100.0)),
        ("followers lost 流失粉丝", counts(plan.lost, first.lost)),
        ("messages delivered 送达条数", counts(plan.messages, first.messages)),
    ] {
        let [plan, first, share] = cells;
        table.row([name.to_owned(), plan, first, share]);
    }
    text.push_str(&table.text());
    text.push_str(&format!(
        "Worth: orders less {} for each follower lost 价值 = 订单金额 − 每名流失粉丝 {}\n",
        worth(compared.follower_yuan),
        worth(compared.follower_yuan)
    ));
    text
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
