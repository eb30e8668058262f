/// A looked-up term, cut to what the reader may see.
struct Leaf {
    var plan: TermPlan
    let postings: Postings
    /// The visible issues it occurs in.
    let issues: IssueSet
    /// How many those are.
    let frequency: Int

    init(_ plan: TermPlan, _ postings: Postings, _ view: AllowedView, capacity: Int) {
        self.plan = plan
        self.postings = postings
        let key = "\(plan.columns) \(plan.expression)"
        if let known = view.occurrences(of: key) {
            (issues, frequency) = (known.issues, known.count)
            return
        }
        var found = Self.open(postings, plan.columns, view, capacity: capacity)
        for (document, count) in postings.restricted {
            guard let visible = view.restricted[document], Postings.columns(count) & plan.columns != 0,
                !found.issues.contains(Int(visible.issue))
            else { continue }
            found.issues.insert(Int(visible.issue))
            found.count += 1
        }
        view.remember(found, of: key)
        (issues, frequency) = (found.issues, found.count)
    }

    private static func open(
        _ postings: Postings, _ mask: UInt8, _ view: AllowedView, capacity: Int
    ) -> AllowedView.Occurrences {
        var issues = IssueSet(capacity: capacity)
        var count = 0
        issues.words.withUnsafeMutableBufferPointer { words in
            postings.forEach(in: view.issues) { issue, columns in
                guard mask == 7 || Postings.columns(columns) & mask != 0 else { return }
                words[issue >> 6] |= 1 << UInt64(issue & 63)
                count += 1
            }
        }
        return AllowedView.Occurrences(issues: issues, count: count)
    }

    /// How much it tells, from its frequency among the visible issues: the inverse document frequency of BM25.
    func weight(among count: Int) -> Float {
        plan.weight * Float.log(1 + (Float(count - frequency) + 0.5) / (Float(frequency) + 0.5))
    }
}

extension Float {
    /// The natural logarithm of a positive, finite number, to about seven digits, without the C library.
    fileprivate static func log(_ value: Float) -> Float {
        let mantissa = value.significand
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var term = ratio
        var sum: Float = 0
        for odd in stride(from: Float(1), through: 15, by: 2) {
            sum += term / odd
            term *= square
        }
        return 2 * sum + Float(value.exponent) * 0.693_147_18
    }
}
