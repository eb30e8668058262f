/// How many requests a second a lane may start, once Jira has said that they came too fast. Pure.
///
/// Width alone does not do: with a bucket of few tokens, requests that arrive together are refused although the rate over
/// a second is fine.
struct LaneRate: Sendable {
    /// `nil` until Jira has refused a request for coming too fast.
    private(set) var perSecond: Double?
    private var nextStart: Duration = .zero
    /// What was let through since the rate was measured last, and the time that took, pauses left out.
    private var passed = 0
    private var active: Duration = .zero
    private var lastPass: Duration = .zero
    private var raisedAt: Duration = .zero
    private var raises = 0

    /// From one raise to the next.
    static let patience: Duration = .seconds(5)

    /// Takes the next start; the moment to come again where it is too early.
    ///
    /// - Parameter limit: Requests a second that are not exceeded in any case.
    mutating func start(at now: Duration, noFasterThan limit: Double?) -> Duration? {
        guard let rate = [perSecond, limit].compactMap(\.self).min() else { return nil }
        if nextStart > now { return nextStart }
        // What was not used is not made up for: a burst is what Jira refuses.
        nextStart = max(nextStart, now - .milliseconds(20)) + .seconds(1 / rate)
        return nil
    }

    mutating func passed(_ now: Duration) {
        passed += 1
        active += min(max(.zero, now - lastPass), .milliseconds(250))
        lastPass = now
        guard let rate = perSecond, now - raisedAt >= Self.patience else { return }
        raises += 1
        // The longer Jira lets everything through, the larger the step.
        perSecond = rate * min(1.01 + 0.02 * Double(raises), 1.25)
        raisedAt = now
    }

    /// - Parameter end: When Jira may be asked again.
    mutating func refused(until end: Duration) {
        let seconds = active / .seconds(1)
        let measured = seconds >= 0.5 && passed >= 5 ? Double(passed) / seconds : nil
        perSecond = [perSecond.map { $0 * 0.9 }, measured.map { $0 * 0.95 }].compactMap(\.self).min()
        if measured != nil { (passed, active) = (0, .zero) }
        (raisedAt, raises, nextStart) = (end, 0, end)
    }
}
