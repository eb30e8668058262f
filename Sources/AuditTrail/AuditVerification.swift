internal import Cryptography
public import Database

/// What a reading of the whole trail found.
public struct AuditVerification: Hashable, Sendable {
    /// The end of the chain as far as it holds.
    public var head: AuditHead
    /// What is wrong; `nil` where the chain holds.
    public var problem: Problem?

    /// Where the chain breaks.
    public enum Problem: Hashable, Sendable {
        /// A row is not the one whose hash was stored: it, or the one before, was changed.
        case changed(number: Int64)
        /// A number is missing.
        case missing(number: Int64)
        /// The trail ends before the row that the given head names.
        case cutOff(after: Int64)
        /// The row that the given head names has another hash: the trail was written anew.
        case otherHead(number: Int64)
    }
}

extension AuditTrail {
    /// Computes the whole chain again.
    ///
    /// - Parameter known: An end of the chain as it was kept elsewhere: it must be in the chain.
    public static func verify(against known: AuditHead? = nil, in connection: Connection) throws -> AuditVerification {
        var head = AuditHead(number: 0, hash: noHash)
        var problem: AuditVerification.Problem?
        var isKnown = known == nil || known?.number == 0
        try connection.forEach("SELECT \(columns) FROM audit_event ORDER BY number") { row in
            guard problem == nil else { return }
            let record = record(row)
            guard record.number == head.number + 1 else {
                problem = .missing(number: head.number + 1)
                return
            }
            guard ConstantTime.areEqual(record.hash, hash(of: record, after: head.hash)) else {
                problem = .changed(number: record.number)
                return
            }
            head = AuditHead(number: record.number, hash: record.hash)
            if let known, known.number == record.number {
                isKnown = true
                if known.hash != record.hash { problem = .otherHead(number: record.number) }
            }
        }
        if problem == nil, !isKnown { problem = .cutOff(after: head.number) }
        return AuditVerification(head: head, problem: problem)
    }
}

extension AuditVerification.Problem {
    /// A stable word for what is wrong.
    public var word: String {
        switch self {
        case .changed: "changed"
        case .missing: "missing"
        case .cutOff: "cutOff"
        case .otherHead: "otherHead"
        }
    }

    /// The row where the chain breaks.
    public var number: Int64 {
        switch self {
        case .changed(let number), .missing(let number), .cutOff(let number), .otherHead(let number): number
        }
    }

    /// What is wrong and what it means, for a person.
    public var words: String {
        switch self {
        case .changed(let number):
            "Row \(number), or the one before it, was changed after it was written."
        case .missing(let number):
            "Row \(number) is missing."
        case .cutOff(let number):
            "The trail ends after row \(number), before the head that was given: rows were cut off, or an older backup "
                + "was restored."
        case .otherHead(let number):
            "Row \(number) is another one than the head that was given: the trail was written anew."
        }
    }
}
