public import AccessControl
public import AuditTrail
internal import FastJSON
public import Journal
internal import Scheduling
internal import SiteConnection
public import Store
internal import SyncEngine

/// A change of a source's schedule; `nil` leaves a part as it is.
public struct ScheduleChange: Sendable {
    public var changes: Int?
    public var catalogue: Int?
    public var census: Int?
    /// Quiet hours from now on; ``endsQuiet`` for none.
    public var quiet: SyncSchedule.QuietHours?
    public var endsQuiet = false
    public var budget: Int?
    public var isManual: Bool?

    public init() {}

    /// The schedule after the change.
    public func applied(to schedule: SyncSchedule) -> SyncSchedule {
        SyncSchedule(
            changes: changes ?? schedule.changes, catalogue: catalogue ?? schedule.catalogue,
            census: census ?? schedule.census, quiet: endsQuiet ? nil : quiet ?? schedule.quiet,
            budget: budget ?? schedule.budget, isManual: isManual ?? schedule.isManual)
    }

    /// Quiet hours as they are typed: `22:00-06:00`.
    ///
    /// - Throws: ``AdministrationError`` that says what would be taken.
    public static func quietHours(
        _ text: String, zone: String?
    ) throws(AdministrationError) -> SyncSchedule.QuietHours {
        let times = text.split(separator: "-").map(minute)
        guard times.count == 2, let from = times[0], let to = times[1], from != to else {
            throw AdministrationError(
                .invalid, "Quiet hours are two times of the day, as 22:00-06:00, not '\(text.prefix(40))'")
        }
        let hours = SyncSchedule.QuietHours(from: from, to: to, zone: zone ?? "UTC")
        guard hours.isZoneKnown else {
            throw AdministrationError(
                .invalid,
                "A time zone has a name such as Europe/Berlin; this machine does not know '\(hours.zone.prefix(80))'")
        }
        return hours
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), parts[1].count == 2,
            (0..<24).contains(hour), (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }
}

extension SourceAdministration {
    /// How often a source is kept in step.
    public func schedule(of name: String) async throws -> SyncSchedule {
        let source = try await present(name).id
        return try await store.read { try SyncSchedule.of(source: source, in: $0) }
    }

    /// Changes how often a source is kept in step.
    @discardableResult
    public func setSchedule(
        of name: String, _ change: ScheduleChange, by origin: AuditOrigin
    ) async throws -> SyncSchedule {
        let source = try await present(name)
        return try await store.write { context in
            let changed = change.applied(to: try SyncSchedule.of(source: source.id, in: context.connection))
            try changed.store(source: source.id, in: context)
            let details = try JSONValue(parsing: changed.json)
            try AuditTrail.append(
                origin.event("source.schedule_changed", subject: source.name, details: details), in: context)
            return changed
        }
    }

    /// Chooses how a source decides who sees what, and how fresh its rules must be; `nil` leaves a part as it is.
    ///
    /// In a paused source issues get the keys of the new mode when it is resumed; until then what lacks a key is hidden.
    ///
    /// - Throws: ``AdministrationError`` for what cannot be.
    @discardableResult
    public func setAccess(
        of name: String, mode: AccessMode?, refresh: Int?, lease: Int?, auditPercent: Int?, by origin: AuditOrigin
    ) async throws -> Source {
        let known = try await present(name)
        let changed = try await store.write { context in
            guard var source = try SourceRecords.source(known.id, in: context.connection), source.state != .removed
            else { throw StoreError(.notFound, "There is no source \(name)") }
            if let mode, let refusal = SourceSetup.refusal(of: mode, for: source) {
                throw AdministrationError(.invalid, "\(refusal.what) \(refusal.why)")
            }
            let options = source.accessOptions
            source.accessMode = mode ?? source.accessMode
            source.accessOptions = AccessOptions(
                lease: lease ?? options.lease, refresh: refresh ?? options.refresh,
                auditShare: auditPercent.map { Double($0) / 100 } ?? options.auditShare)
            guard source.accessOptions.refresh < source.accessOptions.lease else {
                throw AdministrationError(
                    .invalid,
                    "a lease of \(source.accessOptions.lease) s would end before the next refresh in "
                        + "\(source.accessOptions.refresh) s; everything would be hidden in between")
            }
            let details: JSONValue = .object([
                .init("mode", .string(source.accessMode.rawValue)),
                .init("refresh", .integer(Int64(source.accessOptions.refresh))),
                .init("lease", .integer(Int64(source.accessOptions.lease))),
            ])
            try SourceRecords.update(source, in: context)
            try AccessRecords.recompute(source: source.id, in: context)
            try AuditTrail.append(
                origin.event("source.access_changed", subject: source.name, details: details), in: context)
            return source
        }
        if mode != nil { try await rewriteKeys(of: changed) }
        return changed
    }

    /// Gives the issues of a source the keys that its rules ask for now, from the kept copies.
    public func rewriteKeys(of source: Source) async throws {
        guard source.state == .active else { return }
        _ = try await service.rewriteKeys(of: source.name)
    }
}
