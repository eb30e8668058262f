import Synchronization

/// Takes events. Called from any thread; must neither block for long nor fail.
public typealias LogSink = @Sendable (LogEvent) -> Void

/// Where a part of the program reports what happens.
///
/// A value that is passed down: there is no log that everybody reaches, so a test sees exactly what it caused.
///
/// ```swift
/// log.warning("access.project.hidden", "A project is hidden: its rules cannot be read.", ["project": .string(key)])
/// ```
public struct Log: Sendable {
    private let sink: LogSink
    private let clock: @Sendable () -> Int64
    /// Events below this level are not made.
    public var level: LogLevel

    /// - Parameters:
    ///   - clock: Milliseconds since 1970. The system's clock without it.
    public init(
        level: LogLevel = .info, clock: @escaping @Sendable () -> Int64 = Log.systemClock, sink: @escaping LogSink
    ) {
        self.sink = sink
        self.clock = clock
        self.level = level
    }

    /// Tells nobody.
    public static let silent = Log(level: .error, clock: { 0 }, sink: { _ in })

    public func debug(_ code: String, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        write(.debug, code, message, fields)
    }

    public func info(_ code: String, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        write(.info, code, message, fields)
    }

    public func warning(_ code: String, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        write(.warning, code, message, fields)
    }

    public func error(_ code: String, _ message: String, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        write(.error, code, message, fields)
    }

    private func write(
        _ level: LogLevel, _ code: String, _ message: String, _ fields: KeyValuePairs<String, LogValue>
    ) {
        guard level >= self.level else { return }
        sink(
            LogEvent(
                time: clock(), level: level, code: code, message: message,
                fields: fields.map { LogEvent.Field($0.key, $0.value) }))
    }
}

/// Keeps the last events in memory, for tests and for pages that show them.
public final class MemoryLog: Sendable {
    private let kept: Mutex<[LogEvent]> = Mutex([])
    /// At most this many events are kept; the oldest go first.
    public let limit: Int

    public init(limit: Int = 1_000) {
        self.limit = max(1, limit)
    }

    /// Oldest first.
    public var events: [LogEvent] { kept.withLock { $0 } }

    /// The events of one kind.
    public func events(_ code: String) -> [LogEvent] { events.filter { $0.code == code } }

    public var sink: LogSink {
        { [self] event in
            kept.withLock { events in
                if events.count >= limit { events.removeFirst(events.count - limit + 1) }
                events.append(event)
            }
        }
    }

    /// A log that writes here; every level without `level`.
    public func log(
        level: LogLevel = .debug, clock: @escaping @Sendable () -> Int64 = Log.systemClock
    ) -> Log {
        Log(level: level, clock: clock, sink: sink)
    }
}
