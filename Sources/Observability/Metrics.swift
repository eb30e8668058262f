import Synchronization

/// The numbers of one program, and their text for whoever collects them.
///
/// Labels tell series of one metric apart, such as `["source": "work"]`. They come from a small set – names of sources,
/// kinds of failure – never from issues or people.
public final class Metrics: Sendable {
    private let state = Mutex(State())
    /// At most this many series of one metric; what would be more is counted by ``dropped`` instead.
    public let seriesLimit: Int

    public init(seriesLimit: Int = 1_000) {
        self.seriesLimit = max(1, seriesLimit)
    }

    /// Values that were not kept: a metric with too many series, a counter asked to shrink, one name used in two ways.
    public static let dropped = Metric.counter(
        "drawbridge_metrics_dropped_total", "Values not kept, because they did not fit the metric they were for.")

    /// Adds to a counter, or to a gauge.
    public func add(_ amount: Double = 1, to metric: Metric, _ labels: [String: String] = [:]) {
        change(metric, labels) { series in
            guard amount.isFinite, amount >= 0 || metric.kind == .gauge else { return false }
            series.value += amount
            return true
        }
    }

    /// Sets a gauge.
    public func set(_ metric: Metric, to value: Double, _ labels: [String: String] = [:]) {
        change(metric, labels) { series in
            guard metric.kind == .gauge else { return false }
            series.value = value
            return true
        }
    }

    /// Forgets one series, such as that of a source that was removed.
    public func remove(_ metric: Metric, _ labels: [String: String]) {
        state.withLock { _ = $0.families[metric.name]?.series.removeValue(forKey: Self.key(labels)) }
    }

    /// Counts a value into a histogram.
    public func observe(_ value: Double, in metric: Metric, _ labels: [String: String] = [:]) {
        change(metric, labels) { series in
            guard case .histogram(let bounds) = metric.kind, value.isFinite else { return false }
            if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: bounds.count + 1) }
            series.buckets[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
            series.value += value
            return true
        }
    }

    /// What a counter or gauge stands at, or the sum of a histogram; `nil` where nothing was measured.
    public func value(of metric: Metric, _ labels: [String: String] = [:]) -> Double? {
        state.withLock { $0.families[metric.name]?.series[Self.key(labels)]?.value }
    }

    /// Everything in the text format that Prometheus reads, version 0.0.4 (`text/plain; version=0.0.4`): sorted, so that
    /// two readings differ only in numbers.
    public var text: String {
        let families = state.withLock { $0.families }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            text += "# HELP \(name) \(Self.escaped(family.metric.help, quotes: false))\n"
            text += "# TYPE \(name) \(family.metric.kind.word)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                text += series.lines(of: family.metric, labels: labels)
            }
        }
        return text
    }

    // MARK: Inside

    private struct State {
        var families: [String: Family] = [:]
    }

    private struct Family {
        var metric: Metric
        /// By the labels as they are written.
        var series: [String: Series] = [:]
    }

    fileprivate struct Series {
        var value = 0.0
        /// How many values fell into each bucket alone.
        var buckets: [Int] = []
    }

    private func change(_ metric: Metric, _ labels: [String: String], _ body: (inout Series) -> Bool) {
        let key = Self.key(labels)
        state.withLock { state in
            var family = state.families[metric.name] ?? Family(metric: metric)
            let known = family.series[key]
            var series = known ?? Series()
            if family.metric.kind == metric.kind, known != nil || family.series.count < seriesLimit, body(&series) {
                family.series[key] = series
                state.families[metric.name] = family
            } else {
                state.families[Self.dropped.name, default: Family(metric: Self.dropped)].series["", default: Series()]
                    .value += 1
            }
        }
    }

    private static func key(_ labels: [String: String]) -> String {
        labels.map { "\(Metric.identifier($0.key))=\"\(escaped($0.value, quotes: true))\"" }.sorted()
            .joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

extension Metric.Kind {
    fileprivate var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

extension Metrics.Series {
    fileprivate func lines(of metric: Metric, labels: String) -> String {
        guard case .histogram(let bounds) = metric.kind else {
            return "\(metric.name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))\n"
        }
        var text = ""
        var count = 0
        for (bound, bucket) in zip(bounds.map(Self.number) + ["+Inf"], buckets) {
            count += bucket
            text += "\(metric.name)_bucket{\(labels.isEmpty ? "" : labels + ",")le=\"\(bound)\"} \(count)\n"
        }
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        return text + "\(metric.name)_sum\(braces) \(Self.number(value))\n\(metric.name)_count\(braces) \(count)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(value)
    }
}
