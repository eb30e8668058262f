import Observability
import Testing

@Suite struct MetricsTests {
    private static let requests = Metric.counter("requests_total", "Requests to Jira.")
    private static let age = Metric.gauge("age_seconds", "Age of the oldest fact\nof a source.")
    private static let duration = Metric.histogram("duration_seconds", "How long.", bounds: [1, 0.1, 10])

    @Test("the text is what Prometheus reads")
    func theTextIsWhatPrometheusReads() {
        let metrics = Metrics()
        metrics.add(to: Self.requests, ["source": "b", "code": "200"])
        metrics.add(2, to: Self.requests, ["source": "a \"x\"\\\n", "code": "200"])
        metrics.set(Self.age, to: 1.5)
        for value in [0.05, 0.1, 5, 50] { metrics.observe(value, in: Self.duration, ["source": "a"]) }
        #expect(
            metrics.text == #"""
                # HELP age_seconds Age of the oldest fact\nof a source.
                # TYPE age_seconds gauge
                age_seconds 1.5
                # HELP duration_seconds How long.
                # TYPE duration_seconds histogram
                duration_seconds_bucket{source="a",le="0.1"} 2
                duration_seconds_bucket{source="a",le="1"} 2
                duration_seconds_bucket{source="a",le="10"} 3
                duration_seconds_bucket{source="a",le="+Inf"} 4
                duration_seconds_sum{source="a"} 55.15
                duration_seconds_count{source="a"} 4
                # HELP requests_total Requests to Jira.
                # TYPE requests_total counter
                requests_total{code="200",source="a \"x\"\\\n"} 2
                requests_total{code="200",source="b"} 1

                """#)
    }

    @Test("a value that does not fit is dropped and counted")
    func aValueThatDoesNotFit() {
        let metrics = Metrics(seriesLimit: 1)
        metrics.add(to: Self.requests, ["source": "a"])
        metrics.add(to: Self.requests, ["source": "b"])
        metrics.add(-1, to: Self.requests, ["source": "a"])
        metrics.set(Self.requests, to: 5, ["source": "a"])
        metrics.set(Metric.gauge("requests_total", "The same name in another sense."), to: 5, ["source": "a"])
        #expect(metrics.value(of: Self.requests, ["source": "a"]) == 1)
        #expect(metrics.value(of: Self.requests, ["source": "b"]) == nil)
        #expect(metrics.value(of: Metrics.dropped) == 4)
    }

    @Test("a series can be forgotten")
    func aSeriesCanBeForgotten() {
        let metrics = Metrics()
        metrics.set(Self.age, to: 3, ["source": "a"])
        metrics.remove(Self.age, ["source": "a"])
        #expect(metrics.text.isEmpty)
    }

    @Test("names are made to fit the format")
    func namesAreMadeToFitThe() {
        #expect(Metric.counter("9 lives-total", "").name == "__lives_total")
        #expect(Metric.gauge("", "").name == "_")
    }

    @Test("numbers from many tasks add up")
    func numbersFromManyTasksAddUp() async {
        let metrics = Metrics()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { metrics.add(to: Self.requests) } }
            }
        }
        #expect(metrics.value(of: Self.requests) == 4_000)
    }
}
