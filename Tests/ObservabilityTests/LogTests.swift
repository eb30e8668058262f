import Observability
import Testing

@Suite struct LogTests {
    private static func event(_ fields: [LogEvent.Field]) -> LogEvent {
        LogEvent(
            time: 1_795_271_400_007, level: .warning, code: "access.project.hidden", message: "A project is hidden.",
            fields: fields)
    }

    @Test("a line of JSON holds the event and its fields")
    func aLineOfJsonHoldsThe() {
        let line = LogFormat.json.line(
            Self.event([.init("project", "PAY"), .init("facts", 3), .init("share", 0.5), .init("again", true)]))
        #expect(
            line
                == #"{"time":"2026-11-21T14:30:00.007Z","level":"warning","code":"access.project.hidden","#
                + #""message":"A project is hidden.","project":"PAY","facts":3,"share":0.5,"again":true}"#)
    }

    @Test("a plain line quotes what is not one word")
    func aPlainLineQuotesWhatIs() {
        let line = LogFormat.plain.line(
            Self.event([.init("project", "PAY"), .init("reason", "no right"), .init("empty", ""), .init("pair", "a=b")])
        )
        #expect(
            line == "2026-11-21T14:30:00.007Z warning access.project.hidden: A project is hidden. "
                + #"project=PAY reason="no right" empty="" pair="a=b""#)
    }

    @Test("no field can begin a line of its own or command a terminal", arguments: LogFormat.allCases)
    func noFieldCanBeginALine(_ format: LogFormat) {
        let line = format.line(
            Self.event([.init("name", "x\n2026-01-01 error forged\u{1B}[2J\u{2028}\u{85}\u{0}\"}")]))
        #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
        #expect(!line.contains("\u{2028}"))
    }

    @Test("a field cannot take the place of what every line has")
    func aFieldCannotTakeThePlace() {
        let line = LogFormat.json.line(Self.event([.init("level", "debug")]))
        #expect(line.contains(#""level":"warning""#) && line.contains(#""level_":"debug""#))
    }

    struct Moment: CustomTestStringConvertible {
        var milliseconds: Int64
        var text: String
        var testDescription: String { text }
    }

    @Test(
        "times are written in UTC",
        arguments: [
            Moment(milliseconds: 0, text: "1970-01-01T00:00:00.000Z"),
            Moment(milliseconds: -1, text: "1969-12-31T23:59:59.999Z"),
            Moment(milliseconds: 951_782_400_000, text: "2000-02-29T00:00:00.000Z"),
            Moment(milliseconds: 4_107_542_400_000, text: "2100-03-01T00:00:00.000Z"),
            Moment(milliseconds: 1_735_689_599_999, text: "2024-12-31T23:59:59.999Z"),
        ])
    func timesAreWrittenInUtc(_ moment: Moment) {
        let event = LogEvent(time: moment.milliseconds, level: .info, code: "c", message: "m")
        #expect(LogFormat.plain.line(event) == "\(moment.text) info c: m")
    }

    @Test("events below the level are not made, and memory keeps the newest")
    func eventsBelowTheLevelAreNot() {
        let memory = MemoryLog(limit: 2)
        let log = memory.log(level: .info, clock: { 7 })
        log.debug("a", "not kept")
        log.info("b", "goes first")
        log.warning("c", "stays", ["n": 1])
        log.error("d", "stays")
        #expect(memory.events.map(\.code) == ["c", "d"])
        #expect(memory.events("c").first?["n"] == 1)
        #expect(memory.events.allSatisfy { $0.time == 7 })
        Log.silent.error("e", "nobody hears it")
    }
}
