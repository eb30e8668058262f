/// Something that happened, for whoever runs the program.
///
/// The message is one constant sentence for each ``code``; what differs is in the fields. Neither ever holds a secret, an
/// issue's text, or anything else that a person of the site wrote: ids, names given by the operator, counts and durations.
public struct LogEvent: Hashable, Sendable {
    /// Milliseconds since 1970, UTC.
    public var time: Int64
    public var level: LogLevel
    /// What kind of event this is, in stable words that alarms may be built on, such as `access.audit.too_much`.
    public var code: String
    /// The same for people.
    public var message: String
    /// In the order they are written.
    public var fields: [Field]

    public init(time: Int64, level: LogLevel, code: String, message: String, fields: [Field] = []) {
        self.time = time
        self.level = level
        self.code = code
        self.message = message
        self.fields = fields
    }

    /// One thing that is particular to this event.
    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: LogValue

        public init(_ name: String, _ value: LogValue) {
            self.name = name
            self.value = value
        }
    }

    /// The first field of this name.
    public subscript(name: String) -> LogValue? {
        fields.first { $0.name == name }?.value
    }
}

/// How much an event asks for attention.
public enum LogLevel: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Of use while looking for a mistake in the program.
    case debug
    /// The normal course of things.
    case info
    /// Something is not as it should be, and the program goes on.
    case warning
    /// Something was not done, or an alarm that somebody must look at.
    case error

    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// The value of a field.
public enum LogValue: Hashable, Sendable, CustomStringConvertible {
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)

    public var description: String {
        switch self {
        case .string(let value): value
        case .int(let value): String(value)
        case .double(let value): String(value)
        case .bool(let value): String(value)
        }
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
