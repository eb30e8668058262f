import Journal
import SimulatedChanges
import SimulatedWebhooks
import Synchronization
import JiraClient
import JiraSimulator
import Simulation
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SyncEngine

/// What one seed draws: a site, what changes in it, what goes wrong, and how Drawbridge is set up.
struct Scenario: Sendable {
    let seed: UInt64
    var site: SiteConfiguration
    var simulator = SimulatorConfiguration()
    var options = SyncOptions()
    var menu: FaultMenu
    /// How long things change and fail, in virtual minutes.
    var minutes: Int
    /// From one change of the site to the next, in seconds.
    var changeEvery: ClosedRange<Int>
    /// The chance that something changes just before a request is answered.
    var changeMidway: Double
    /// Changes of who may see what, and of what people write and administrators rename.
    var rules: [SiteMutation.Kind]
    var edits: [ContentMutation.Kind]
    /// Whether complete listings are taken, which find what was passed over.
    var hasCensus = true
    /// Whether the site tells of changes by itself, and how much of that goes wrong.
    var hasWebhooks: Bool
    var deliveries: DeliveryPlan
    /// While things change and fail, and at rest.
    var schedule: SyncSchedule
    var accessEvery: Int
    /// Seconds from one look of the keeper at what waits outside to the next.
    var poll: Int
    /// Accidents that may happen, and from one to the next, in minutes.
    var accidents: [Accident]
    var accidentEvery: ClosedRange<Int>

    enum Accident: String, Sendable, CaseIterable {
        case kill, diskFull, shortWrite, clockStep, cut, revoked
    }

    init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed, stream: 0x51, item: 0)
        let flavour: SiteFlavour? = nil
        site = .tiny(seed: seed, flavour: flavour, administratorSeesAll: true)
        let isCloud = site.flavour.isCloud
        site.indexLag = isCloud ? random.pick([0, 0, 3_000, 60_000]) : 0
        simulator.issuePageLimit = random.pick([2, 3, 5, 100])
        simulator.idPageLimit = random.pick([1, 3, 5_000])
        simulator.embeddedComments = random.pick([1, 3, 100])
        simulator.embeddedWorklogs = random.pick([1, 20])
        options.issuesPerUnit = random.pick([1, 4, 1_000])
        options.limits.openUnits = random.within(1...4)
        options.limits.issuesPerCommit = random.pick([1, 6, 1_000])
        options.client.issuesPerRequest = random.pick([2, 5, 100])
        let dice = Dice(seed: random.next())
        options.client.random = { dice.fraction() }
        menu = FaultMenu(isCloud: isCloud, using: &random)
        minutes = random.pick([20, 40, 60])
        changeEvery = random.pick([20...120, 60...600, 200...900])
        changeMidway = random.pick([0, 0, 0.004, 0.02])
        let share = random.pick([0.15, 0.4, 1])
        rules = SiteMutation.Kind.allCases.filter { _ in random.chance(share) }
        edits = ContentMutation.Kind.ordinary.filter { _ in random.chance(share) }
        if rules.isEmpty, edits.isEmpty { edits = [.summary] }
        hasWebhooks = random.chance(0.6)
        deliveries = DeliveryPlan(seed: seed)
        deliveries.lost = random.pick([0, 0.1, 0.5])
        deliveries.doubled = random.pick([0, 0.3])
        deliveries.late = random.pick([0, 0.3])
        schedule = SyncSchedule(
            changes: random.pick([60, 300, 600]), catalogue: random.pick([300, 900]), census: random.pick([600, 1_800]))
        accessEvery = random.pick([300, 900])
        poll = random.pick([10, 60])
        let accidents = random.pick([0.15, 0.4])
        self.accidents = Accident.allCases.filter { _ in random.chance(accidents) }
        accidentEvery = random.pick([2...6, 5...20])
    }
}

/// Chance for those who ask from anywhere.
private final class Dice: Sendable {
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) { random = Mutex(SeededRandom(seed: seed)) }

    func fraction() -> Double { random.withLock { $0.fraction() } }
}
