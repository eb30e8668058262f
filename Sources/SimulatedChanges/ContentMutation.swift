public import SimulatedData
public import SimulatedSite

/// Something that happens to a site at random: what people write, what administrators rename, projects that come and go.
///
/// It works on every site, also on tiny ones, whose planted words it leaves where they are.
///
/// ```swift
/// var random = SeededRandom(seed: 7)
/// let mutation = site.live(using: &random)
/// ```
public struct ContentMutation: Sendable, CustomStringConvertible {
    /// What kind of thing happens.
    public enum Kind: String, Sendable, CaseIterable {
        // Edits: they move the issue's `updated`.
        case summary, issueDescription, status, priority, issueType, assignee, labels, due, environment, estimate, rank
        case fixVersions, components, sprint, epic, link, unlink, approver
        case addComment, editComment, deleteComment, addWorklog, editWorklog, deleteWorklog, addAttachment
        case deleteAttachment, issueCreated, subtaskCreated, issueMoved, issueDeleted, bulkStatus
        // Names: no issue's `updated` moves.
        case statusName, statusCategory, typeName, priorityName, resolutionName, fieldName, linkTypeName, levelName
        case versionName, versionReleased, versionCreated, componentName, componentCreated, boardName, boardCreated
        case sprintName, sprintCreated, sprintStarted, sprintClosed, userName, groupName, roleName, timeZone
        case projectName, projectKey
        // What comes and goes as a whole: no issue's `updated` moves either.
        case issueArchived, projectCreated, projectArchived, projectTrashed, projectRestored, projectDeleted
        // The source's account is shown less, or again more.
        case sightLost, sightRegained

        /// Whether some issue's `updated` moves.
        public var isEdit: Bool { Kind.edits.contains(self) }

        public static let edits = Array(allCases.prefix { $0 != .statusName })
        public static let names = Array(allCases[edits.count...].prefix { $0 != .issueArchived })
        public static let comings: [Kind] = [
            .issueArchived, .projectCreated, .projectArchived, .projectTrashed, .projectRestored, .projectDeleted,
        ]
        public static let sight: [Kind] = [.sightLost, .sightRegained]
        /// Everything but ``sight``.
        public static let ordinary = edits + names + comings
    }

    public let kind: Kind
    /// What it changes, for a trace: positions and ids, no content.
    public let detail: String
    /// Makes the change.
    public let apply: @Sendable (inout SiteState, SiteState.Hand) -> Void

    public var description: String { "\(kind.rawValue) \(detail)" }

    /// Something of one of `kinds`, each equally likely, that is possible on the site; nil when nothing is, in so many tries.
    public static func random(
        using random: inout SeededRandom, in state: SiteState, _ kinds: [Kind] = Kind.ordinary
    ) -> ContentMutation? {
        var draw = ContentDraw(state: state, random: random)
        defer { random = draw.random }
        for _ in 0..<60 {
            if let mutation = draw.mutation(draw.random.pick(kinds)) { return mutation }
        }
        return nil
    }
}

extension SimulatedSite {
    /// Lets something happen at random, now, by the administrator or, for edits, by somebody else.
    @discardableResult
    public func live(
        using random: inout SeededRandom, _ kinds: [ContentMutation.Kind] = ContentMutation.Kind.ordinary
    ) -> ContentMutation? {
        let state = current()
        guard let mutation = ContentMutation.random(using: &random, in: state, kinds) else { return nil }
        let isEdit = mutation.kind.isEdit && random.chance(0.7)
        let user = isEdit ? random.below(min(state.users.count, 12)) : 0
        let hand = SiteState.Hand(user: user, now: clock.now(), isBulk: mutation.kind == .bulkStatus)
        change { mutation.apply(&$0, hand) }
        return mutation
    }
}
