public import AuditTrail
internal import FastJSON
internal import IssueModel
public import Reconciliation
public import Store
internal import SyncEngine

/// Which issues of a site are copied, and what another scope would read and destroy.
public struct ScopeReport: Sendable {
    public var source: Source
    public var scope: Source.Scope
    public var change: ScopeChange?
    /// Issues that were destroyed; `nil` where nothing was changed.
    public var destroyed: Int?

    public init(source: Source, scope: Source.Scope, change: ScopeChange? = nil, destroyed: Int? = nil) {
        (self.source, self.scope, self.change, self.destroyed) = (source, scope, change, destroyed)
    }

    public var json: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("source", source.name)
            json.key("scope")
            json.object { json in
                json.key("projects")
                json.array { json in scope.projects.forEach { json.string($0) } }
                json.member("jql", scope.jql)
                json.member("since", scope.since.map { "\($0)" })
                json.key("types")
                json.array { json in scope.types.forEach { json.string($0) } }
            }
            json.member("changed", destroyed != nil)
            json.member("read", change?.added ?? 0)
            json.member("destroy", change?.removed ?? 0)
            json.key("projects")
            json.array { json in
                for share in change?.projects ?? [] {
                    json.object { json in
                        json.member("key", share.key)
                        json.member("read", share.added)
                        json.member("destroy", share.removed)
                        json.member("kept", share.kept)
                    }
                }
            }
        }
        return json.bytes
    }
}

extension SourceAdministration {
    /// Counts what another scope would read and destroy; changes nothing.
    public func planScope(of name: String, _ scope: Source.Scope) async throws -> ScopeReport {
        let source = try await present(name)
        let change = try await service.planScope(of: source.name, scope)
        return ScopeReport(source: source, scope: scope, change: change)
    }

    /// Makes a planned scope hold.
    ///
    /// - Parameter destroys: Whether stored issues may be destroyed.
    /// - Throws: ``AdministrationError`` with code `wouldDestroy` where some would be and may not.
    public func changeScope(
        _ plan: ScopeReport, destroys: Bool, by origin: AuditOrigin
    ) async throws -> ScopeReport {
        guard let change = plan.change else { return plan }
        guard change.removed == 0 || destroys else {
            throw AdministrationError(
                .wouldDestroy, "This would destroy \(change.removed) issues that are stored. Say that they may go.")
        }
        let details: JSONValue = .object([
            .init("read", .integer(Int64(change.added))), .init("destroy", .integer(Int64(change.removed))),
        ])
        var done = plan
        done.destroyed = try await withLease(of: plan.source, for: "scope") {
            try await announce(origin.event("source.scope_changed", subject: plan.source.name, details: details))
            return try await service.changeScope(of: plan.source.name, by: change)
        }
        return done
    }
}
