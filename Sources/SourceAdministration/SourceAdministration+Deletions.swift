public import AuditTrail
internal import FastJSON
public import IssueModel
internal import Journal
internal import Reconciliation
internal import Store
internal import SyncEngine

extension SourceAdministration {
    /// What left Jira and what of it is kept.
    public func deletions(of name: String) async throws -> DeletionReport {
        let source = try await source(named: name)
        return try await store.read { try DeletionReport(of: source, in: $0) }
    }

    /// Deletions that wait for somebody who looks.
    public func heldDeletions(of name: String) async throws -> HeldReport {
        let source = try await source(named: name)
        return HeldReport(
            source: source, held: try await store.read { try HeldDeletions(source: source.id, in: $0) })
    }

    /// Says that the deletions that wait are right: removes the issues, keeping copies for the grace period.
    public func confirmDeletions(of name: String, by origin: AuditOrigin) async throws -> HeldReport {
        var report = try await heldDeletions(of: name)
        try await announce(told(origin, "source.deletions_confirmed", report))
        report.removed = try await HeldDeletions.confirm(in: store, source: report.source, at: store.now)
        return report
    }

    /// Says that they are not: the issues stay, hidden until Jira shows them again.
    public func rejectDeletions(of name: String, by origin: AuditOrigin) async throws -> HeldReport {
        var report = try await heldDeletions(of: name)
        try await announce(told(origin, "source.deletions_rejected", report))
        _ = try await HeldDeletions.reject(in: store, source: report.source, at: store.now)
        report.isRejected = true
        return report
    }

    private func told(_ origin: AuditOrigin, _ action: String, _ report: HeldReport) -> AuditEvent {
        origin.event(
            action, subject: report.source.name,
            details: .object([.init("issues", .integer(Int64(report.held.total)))]))
    }

    /// Keeps copies of deleted issues for so many days.
    public func setGrace(days: Int, of name: String, by origin: AuditOrigin) async throws {
        let source = try await source(named: name)
        let details: JSONValue = .object([.init("days", .integer(Int64(days)))])
        try await store.write { context in
            try DeletionPolicy.setGrace(days: days, source: source.id, in: context)
            try AuditTrail.append(origin.event("source.grace_changed", subject: name, details: details), in: context)
        }
    }

    /// Puts a removed issue back from its copy; the operator alone sees it until Jira shows it.
    ///
    /// - Throws: `StoreError` with code `notFound` where no copy is kept.
    public func restore(_ key: IssueKey, of name: String, by origin: AuditOrigin) async throws {
        let source = try await present(name)
        guard try await store.read({ try Graves.entry(key: key, source: source.id, in: $0) }) != nil else {
            throw StoreError(.notFound, "No copy is kept of an issue \(key) of \(name) that was removed")
        }
        try await withLease(of: source, for: "restore") {
            try await announce(
                origin.event(
                    "source.issue_restored", subject: name, details: .object([.init("key", .string(key.description))])))
            _ = try await service.restore(key, of: source.name)
        }
    }
}
