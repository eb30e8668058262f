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
