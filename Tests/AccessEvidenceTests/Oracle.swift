import SimulatedSite

/// What each reader must see of what is synchronised, by the simulated site's own word.
struct Oracle: Sendable {
    /// For whom something is read.
    enum Reader: Hashable, Sendable, CustomStringConvertible {
        case `operator`
        case anonymous
        /// A position in the site's users.
        case user(Int)

        var description: String {
            switch self {
            case .operator: "operator"
            case .anonymous: "anonymous"
            case .user(let index): "user \(index)"
            }
        }
    }

    enum Mode: String, Sendable, CaseIterable { case mirror, `public`, shared }

    let state: SiteState
    /// Earlier states, what any of which showed may still be shown; empty at rest.
    let earlier: [SiteState]
    let mode: Mode
    /// Records that are judged: those of which the source's own account could read the present version.
    let judged: Set<RecordID>
    /// The same by issue.
    let readable: Sight
    /// Issues that nobody but the operator may be shown, as the site tells nobody who is in their level.
    let unknown: Set<Int>
    /// Archived issues and what hangs on them: Jira's search leaves them out, so the copy may have them or not.
    let archived: Set<RecordID>

    init(
        _ state: SiteState, since earlier: [SiteState], mode: Mode, judged: (_ everything: Sight) -> Sight,
        knowsLevels: Bool
    ) {
        self.state = state
        self.earlier = earlier
        self.mode = mode
        readable = judged(earlier.reduce(Sight(everythingOf: state)) { $0.joining(Sight(everythingOf: $1)) })
        self.judged = readable.records
        unknown =
            knowsLevels
            ? [] : Set((0..<state.issueCount).filter { state.row($0).level != 0 }.map { state.row($0).id })
        self.archived = readable.archived(in: state).records
    }

    var readers: [Reader] { [.operator, .anonymous] + state.users.map { .user($0.index) } }

    /// What `--as` takes for the reader.
    func who(_ reader: Reader) -> String? {
        switch reader {
        case .operator: nil
        case .anonymous: "anonymous"
        case .user(let index):
            state.configuration.flavour.isCloud ? state.users[index].accountID : state.users[index].key
        }
    }

    private func truth(_ caller: Caller) -> Sight {
        earlier.reduce(Sight(caller, state)) { $0.joining(Sight(caller, $1)) }
    }

    var isAtRest: Bool { earlier.isEmpty }

    /// Everything the reader must be shown, and nothing else may be.
    func sight(of reader: Reader) -> Sight {
        switch (mode, reader) {
        case (_, .operator): readable
        case (.mirror, .anonymous): truth(.anonymous).meeting(readable).without(unknown)
        case (.mirror, .user(let index)): truth(.user(index)).meeting(readable).without(unknown)
        case (.public, _), (.shared, .user): readable
        case (.shared, .anonymous): Sight()
        }
    }
}
