import IssueModel

/// How an acl was derived, as canonical bytes: equal inputs have equal keys, so equal audiences share one row.
public struct AclKey: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Takes bytes that were stored; ``AclInputs/init(_:)`` says whether they make sense.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    public init(_ inputs: AclInputs) {
        var writer = KeyWriter()
        writer.byte(inputs.issue == nil ? Self.version : Self.versionWithIssue)
        writer.text(inputs.project.rawValue)
        writer.optional(inputs.level?.rawValue)
        writer.count(inputs.values.count)
        if !inputs.values.isEmpty {
            for (holder, principals) in inputs.values.sorted(by: { $0.key.sortKey < $1.key.sortKey }) {
                writer.byte(holder.sortKey.0)
                writer.text(holder.sortKey.1)
                writer.count(principals.count)
                for principal in principals.sorted() {
                    writer.text(principal.kind)
                    writer.text(principal.value)
                }
            }
        }
        writer.count(inputs.restrictedToRoles.count)
        for role in inputs.restrictedToRoles.map(\.rawValue).sorted() { writer.text(role) }
        writer.restrictions(inputs.restrictions)
        if let issue = inputs.issue { writer.number(issue.rawValue) }
        bytes = writer.bytes
    }

    static let version: UInt8 = 1
    static let versionWithIssue: UInt8 = 2

    /// The key of whatever is kept from everybody until somebody looks into it; no rule of any mode opens it.
    public static let withheld = AclKey(bytes: [3])
}

extension AclInputs {
    /// Reads the inputs back from a key.
    ///
    /// - Returns: `nil` for ``AclKey/withheld``, and for bytes that are damaged or of another version; such an acl must
    ///   admit nobody until its issues are written again.
    public init?(_ key: AclKey) {
        var reader = KeyReader(bytes: key.bytes)
        guard let version = reader.byte(), version == AclKey.version || version == AclKey.versionWithIssue,
            let project = reader.text(),
            let level = reader.optional(), let holderCount = reader.count()
        else { return nil }
        self.init(project: EntityID(project), level: level.map { EntityID($0) })
        for _ in 0..<holderCount {
            guard let tag = reader.byte(), let field = reader.text(),
                let holder = DynamicHolder(tag: tag, field: field),
                let principalCount = reader.count()
            else { return nil }
            var principals: Set<Principal> = []
            for _ in 0..<principalCount {
                guard let kind = reader.text(), let value = reader.text(),
                    let principal = Principal(kind: kind, value: value)
                else { return nil }
                principals.insert(principal)
            }
            values[holder] = principals
        }
        guard let roleCount = reader.count() else { return nil }
        for _ in 0..<roleCount {
            guard let role = reader.text() else { return nil }
            restrictedToRoles.insert(EntityID(role))
        }
        guard let restrictions = reader.restrictions() else { return nil }
        self.restrictions = restrictions
        if version == AclKey.versionWithIssue {
            guard let number = reader.number() else { return nil }
            issue = IssueID(number)
        }
        guard reader.isAtEnd else { return nil }
    }
}

extension DynamicHolder {
    fileprivate var sortKey: (UInt8, String) {
        switch self {
        case .reporter: (1, "")
        case .assignee: (2, "")
        case .accountField(let id): (3, id.rawValue)
        case .groupField(let id): (4, id.rawValue)
        }
    }

    fileprivate init?(tag: UInt8, field: String) {
        switch tag {
        case 1: self = .reporter
        case 2: self = .assignee
        case 3: self = .accountField(EntityID(field))
        case 4: self = .groupField(EntityID(field))
        default: return nil
        }
    }
}

/// Length-prefixed texts, so that no content can be mistaken for structure.
private struct KeyWriter {
    var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(48) }

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func count(_ value: Int) {
        var rest = UInt(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func number(_ value: Int64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func text(_ value: String) {
        count(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    mutating func optional(_ value: String?) {
        byte(value == nil ? 0 : 1)
        if let value { text(value) }
    }

    mutating func restrictions(_ restrictions: Set<Restriction>) {
        count(restrictions.count)
        guard !restrictions.isEmpty else { return }
        let encoded = restrictions.map { restriction -> [UInt8] in
            var writer = KeyWriter()
            switch restriction {
            case .internal: writer.byte(1)
            case .visibility(let kind, let identifier, let name):
                writer.byte(kind == .role ? 2 : 3)
                writer.optional(identifier)
                writer.text(name)
            }
            return writer.bytes
        }
        for bytes in encoded.sorted(by: { $0.lexicographicallyPrecedes($1) }) { self.bytes += bytes }
    }
}

private struct KeyReader {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    /// A count of at most the bytes that are left, as each thing counted takes at least one.
    mutating func count() -> Int? {
        var value = 0
        var shift = 0
        while let byte = byte(), shift < 35 {
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value <= bytes.count - position ? value : nil }
            shift += 7
        }
        return nil
    }

    mutating func number() -> Int64? {
        guard bytes.count - position >= 8 else { return nil }
        defer { position += 8 }
        return bytes[position..<position + 8].reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    mutating func text() -> String? {
        guard let count = count(), let text = String(validating: bytes[position..<position + count], as: UTF8.self)
        else { return nil }
        position += count
        return text
    }

    mutating func optional() -> String?? {
        switch byte() {
        case 0: .some(nil)
        case 1: text().map { .some($0) }
        default: nil
        }
    }

    mutating func restrictions() -> Set<Restriction>? {
        guard let count = count() else { return nil }
        var result: Set<Restriction> = []
        for _ in 0..<count {
            switch byte() {
            case 1: result.insert(.internal)
            case .some(let tag) where tag == 2 || tag == 3:
                guard let identifier = optional(), let name = text() else { return nil }
                result.insert(.visibility(kind: tag == 2 ? .role : .group, identifier: identifier, name: name))
            default: return nil
            }
        }
        return result
    }
}
