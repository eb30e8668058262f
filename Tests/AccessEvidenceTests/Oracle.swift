import SimulatedSite

/// What each reader must see of what is synchronised, by the simulated site's own word.
struct Oracle: Sendable {
    /// For whom something is read.
    enum Reader: Hashable, Sendable, CustomStringConvertible {
        case `operator`
        case anonymous
        /// A position in the site's users.
        case user(Int)
        /// A member of Drawbridge without an account in the source.
        case stranger

        var description: String {
            switch self {
            case .operator: "operator"
            case .anonymous: "anonymous"
            case .user(let index): "user \(index)"
            case .stranger: "unlinked member"
            }
        }
    }

    enum Mode: Hashable, Sendable {
        case mirror, `public`, shared
        /// With the people, by position, whose own credential is stored.
        case linked(Set<Int>)
    }

    /// Whom Drawbridge takes to be in a security level.
    enum Levels: Sendable {
        /// Whoever is: the site tells, or an administrator did.
        case known
        /// Only these people, by position, to whom Jira itself lists the level's issues.
        case listed(Set<Int>)
    }

    /// What Drawbridge keeps from everybody but the operator, whatever Jira would show.
    enum Hidden: Sendable {
        case nothing
        case issues(Set<Int>)
        /// The rules were not verified within their lease, or may not be read.
        case everything
    }

    static let strangersAddress = "stranger@drawbridge.example"

    let state: SiteState
    /// Earlier states, what any of which showed may still be shown; empty at rest.
    let earlier: [SiteState]
    let mode: Mode
    let levels: Levels
    let hidden: Hidden
    /// Records that are judged: those of which the source's own account could read the present version.
    let judged: Set<RecordID>
    /// The same by issue.
    let readable: Sight
    /// What may be missing: archived issues, which Jira's search leaves out, what the source's own account may not see
    /// now, whose project may be gone for it, and files that a confined comment may mean.
    let optional: Set<RecordID>

    init(
        _ state: SiteState, seenBySource source: Sight, since earlier: [SiteState], mode: Mode, levels: Levels,
        hidden: Hidden,
        judged: (_ everything: Sight) -> Sight
    ) {
        self.state = state
        self.earlier = earlier
        self.mode = mode
        self.levels = levels
        self.hidden = hidden
        readable = judged(Sight(everythingOf: state))
        self.judged = readable.records
        optional = readable.archived(in: state).records.union(self.judged.subtracting(source.records))
            .union(readable.uncertainFiles(in: state))
    }

    /// Whether the site tells the source's account who its people are; an account that nobody told of is refused.
    var knowsPeople: Bool { mode == .mirror }

    var isAtRest: Bool { earlier.isEmpty }

    var readers: [Reader] { [.operator, .anonymous, .stranger] + state.users.map { .user($0.index) } }

    /// What `--as` takes for the reader.
    func who(_ reader: Reader) -> String? {
        switch reader {
        case .operator: nil
        case .anonymous: "anonymous"
        case .stranger: Self.strangersAddress
        case .user(let index):
            state.configuration.flavour.isCloud ? state.users[index].accountID : state.users[index].key
        }
    }

    /// Everything the reader must be shown, and nothing else may be.
    func sight(of reader: Reader) -> Sight {
        guard reader != .operator else { return readable }
        let sight = rules(reader).meeting(readable)
        return switch hidden {
        case .nothing: sight
        case .issues(let ids): sight.without(ids)
        case .everything: Sight()
        }
    }

    private func rules(_ reader: Reader) -> Sight {
        switch (mode, reader) {
        case (_, .operator), (.shared, .user), (.shared, .stranger): readable
        case (.public, _): truth(.anonymous)
        case (.shared, .anonymous), (.mirror, .stranger), (.linked, .stranger), (.linked, .anonymous): Sight()
        case (.linked(let people), .user(let index)): people.contains(index) ? truth(.user(index)) : Sight()
        case (.mirror, .anonymous): truth(.anonymous) { withinLevels($0, $1, of: nil) }
        case (.mirror, .user(let index)): truth(.user(index)) { withinLevels($0, $1, of: index) }
        }
    }

    /// What Jira shows now, or showed in one of the earlier states.
    private func truth(_ caller: Caller, _ narrowed: (Sight, SiteState) -> Sight = { sight, _ in sight }) -> Sight {
        ([state] + earlier).reduce(Sight()) { $0.joining(narrowed(Sight(caller, $1), $1)) }
    }

    /// Which issues have a level is asked of the state that shows them: one that is given a level while it is read may still
    /// be shown as it was without.
    private func withinLevels(_ sight: Sight, _ state: SiteState, of user: Int?) -> Sight {
        guard case .listed(let people) = levels else { return sight }
        if user.map({ people.contains($0) }) == true { return sight }
        return sight.without(
            Set((0..<state.issueCount).filter { state.row($0).level != 0 }.map { state.row($0).id }))
    }
}
