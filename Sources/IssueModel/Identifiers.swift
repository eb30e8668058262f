/// Jira's number of an issue: stable when the issue moves or its project is renamed, unlike its key.
public struct IssueID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// An issue's current name, `PAY-42`. Upper case always, as Jira compares keys without regard to case.
public struct IssueKey: Hashable, Sendable, LosslessStringConvertible, Comparable {
    public let project: String
    public let number: Int64

    /// - Returns: `nil` unless `text` is a project key (a letter, then letters, digits or underscores), a hyphen and a number.
    public init?(_ text: some StringProtocol) {
        guard let hyphen = text.lastIndex(of: "-") else { return nil }
        let project = text[..<hyphen]
        let digits = text[text.index(after: hyphen)...].utf8
        guard let first = project.utf8.first, Self.isLetter(first),
            project.utf8.allSatisfy({ Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: "_") }),
            !digits.isEmpty, digits.allSatisfy(Self.isDigit),
            let number = Int64(String(text[text.index(after: hyphen)...]))
        else { return nil }
        self.project = project.uppercased()
        self.number = number
    }

    public var description: String { "\(project)-\(number)" }

    public static func < (left: Self, right: Self) -> Bool {
        (left.project, left.number) < (right.project, right.number)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

/// A Jira identity inside one site: `accountId` on Cloud, user key on Data Center (user name on old Servers without keys).
public struct AccountID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}

/// A group's identity: `groupId` on Cloud; on Data Center the lower-cased name, as names compare without regard to case there.
public struct GroupID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}

/// The identity Jira gives to a thing of its configuration (status, type, priority, version, role, level, field, …), as Jira writes it.
public struct EntityID: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public init(stringLiteral value: String) { rawValue = value }
    public var description: String { rawValue }
}
