/*
 * The protocol by which processes trust their memory of the blacklist: a log with positions (PROTOCOL.md).
 *
 * What is promised: when a revocation is done, no process that holds a lease accepts the token, unless each copy of the revocation was lost.
 *
 * One server, N processes, revocations 0 .. R - 1. A step of a process, of the server or of a fault is one transition, so that each order of them
 * is searched. What the flags NO_... take out is one guard each; with all guards in there is no violation, and without any one there is.
 *
 * Time has no clock here, only an order. A lease may run out at any moment (a process that stands still does nothing meanwhile). A wait of patience
 * may end as soon as each lease that began before it has run out, and no earlier: that is all that "longer than a lease, whatever the clocks
 * do" says. A lease begins when its confirmation was sent, so a confirmation that is on its way is as old as that.
 *
 * Connections: requests of one process reach the server in any order (EVALSHA that is sent again as EVAL), replies and news come back in one
 * order. So a reply brings all news with it that were published before it. FAULTS of them may happen, of the kinds that are defined.
 *
 * Two waits are longer than a lease. Patience is that and no more. Who settles a young epoch waits half a lease longer (absence), for a process whose server
 * has gone silent notices only when its lease has run out, and has to connect then.
 */

#ifndef N
#define N 3
#endif
#ifndef R
#define R 1
#endif
#ifndef FAULTS
#define FAULTS 2
#endif

#define SET(m, i)    m = m | (1 << (i))
#define ALL          ((1 << N) - 1)
#define CLEAR(m, i)  m = m & ~(1 << (i))
#define HAS(m, i)    (((m) >> (i)) & 1)

#ifdef ASKING
#define TRUSTING     (ALL & ~1)
#define isAsking(p)  ((p) == 0)             /* lease: false: writes and asks, and never trusts */
#else
#define TRUSTING     ALL
#define isAsking(p)  false
#endif

#if R == 2 && !defined(ONE_WRITER)
#define writer(r)    (r)
#else
#define writer(r)    0
#endif

#if R == 1
#define isWriter(p)     ((p) == 0)
#define isAllFinished   (state[0] == FINISHED)
#else
#define isWriter(p)     ((p) == writer(0) || (p) == writer(1))
#define isAllFinished   (state[0] == FINISHED && state[1] == FINISHED)
#endif

/* Phases of a process */
#define DOWN 0
#define SUBSCRIBED 1
#define OPENING 2       /* `open` is on its way to the server (SLOW_OPENS) */
#define OPENED 3        /* its reply is on its way back */
#define READY 4         /* has read the blacklist, and written back what it lacks: may confirm */
#define JOINED 5        /* its first confirmation was granted */

/* States of a revocation, at its writer */
#define IDLE 0
#define WAITING 1
#define PATIENT 2       /* patience runs */
#define AGEING 3        /* all have confirmed, but the epoch is young */
#define LAPSED 4        /* that wait is over: one more confirmation */
#define PROVING 5       /* which is on its way */
#define FINISHED 6

/* The confirmation of a process */

/* The server */
byte epoch = 1;
byte epochs = 1;            /* how many there have been */
bool isSameHistory = true;  /* the server's run is the one in which the epoch was made */
bool isSettled = true;
byte head;
byte published;
byte entries;               /* revocations, as bits */
byte position[R];           /* where each was first written in this epoch */
byte member[N] = 1;           /* 0, or the confirmed position + 1 */
byte suspects[R];           /* members, as bits, that a writer suspects to be gone */

/* Each process */
byte phase[N] = JOINED;
byte inEpoch[N] = 1;
byte applied[N];
byte knows[N];
byte missing;               /* within one step */
byte before;
byte confirming;            /* a confirmation was granted, and its reply is on its way */
byte upTo[N];               /* what was published at the server by then */
byte brings[N];             /* revocations of the news before the reply */
byte trusting = TRUSTING;            /* joined: believes its memory while the lease runs */
byte lease = TRUSTING;              /* its lease runs */
byte opened;                /* has sent `open` since that lease was renewed */
byte knower;                /* held a lease until `open` was answered */
byte late;                  /* its confirmation is too old to renew a lease */
byte settled = ALL;            /* knows the epoch to be older than a lease */
byte young;                 /* its wait for the epoch to be older runs */
byte aged;                  /* and is over */
byte isStranger;            /* a request has found nothing in memory, and looks at the clock next (NO_CLOCK_FIRST) */

/* Each revocation */
byte state[R];
byte at[R];                 /* position of the last write */
byte noticed;               /* its writer was told that all members have confirmed it */
byte early;                 /* written while its epoch was young */
byte done;
byte lost;                  /* no copy was left */
byte sweeping;              /* its writer's suspicion runs */

/* What was there when a wait began: leases, and confirmations under way, as bits */
byte patienceLeases[R];
byte patienceSent[R];
byte sweepLeases[R];
byte sweepSent[R];
byte youngLeases[N];
byte youngSent[N];

/* Things left on their way by a process that is gone */
byte ghostOpen;
byte ghostLeave;
byte ghostMatches;          /* the entry in the registry is still the one that it is about */

/* Processes whose server has gone silent: those that have not noticed, and those that have not come back */
byte silent;
byte tardy;
byte skipped[N];            /* revocations of news that got lost */

byte faults = FAULTS;


inline check() {
    assert(!(HAS(done, 0) && !HAS(lost, 0) && (
        (HAS(trusting & lease, 0) && !HAS(knows[0], 0)) ||
        (HAS(trusting & lease, 1) && !HAS(knows[1], 0))
#if N > 2
        || (HAS(trusting & lease, 2) && !HAS(knows[2], 0))
#endif
    )));
#if R > 1
    assert(!(HAS(done, 1) && !HAS(lost, 1) && (
        (HAS(trusting & lease, 0) && !HAS(knows[0], 1)) ||
        (HAS(trusting & lease, 1) && !HAS(knows[1], 1))
#if N > 2
        || (HAS(trusting & lease, 2) && !HAS(knows[2], 1))
#endif
    )));
#endif
}

#if N == 2
#define known()      (knows[0] | knows[1])
#define isKnownBeside(p, m)  ((((p) != 0 -> returning(0) : 0) | ((p) != 1 -> returning(1) : 0)) & (m))
#define haveAll(w)   ((member[0] == 0 || member[0] > (w)) && (member[1] == 0 || member[1] > (w)))
#else
#define known()      (knows[0] | knows[1] | knows[2])
#define isKnownBeside(p, m)  ((((p) != 0 -> returning(0) : 0) | ((p) != 1 -> returning(1) : 0) | ((p) != 2 -> returning(2) : 0)) & (m))
#define haveAll(w)   ((member[0] == 0 || member[0] > (w)) && (member[1] == 0 || member[1] > (w)) && (member[2] == 0 || member[2] > (w)))
#endif

/* What is not published is not known, even if there is no member */
#ifdef NO_LEAST_PUBLISHED
#define least(w)     haveAll(w)
#else
#define least(w)     (published >= (w) && haveAll(w))
#endif

/* Revocations that are out of reach for everybody are out of the promise */
inline mourn() {
    lost = lost | (done & ~(entries | known()))
}

inline forgetMembers() {
    member[0] = 0; member[1] = 0;
#if N > 2
    member[2] = 0;
#endif
    suspects[0] = 0;
#if R > 1
    suspects[1] = 0;
#endif
    ghostMatches = 0
}

inline newEpoch() {
    epochs++;
    epoch = epochs;
    isSameHistory = true;
    isSettled = false;
    head = 0;
    published = 0;
    position[0] = 0;
#if R > 1
    position[1] = 0;
#endif
    forgetMembers()
}

/* What is there already keeps its position: the writer waits for less than it does, and the search is shorter */
inline append(r) {
    if
    :: HAS(entries, r)
    :: else ->
#ifdef NO_POSITION_BY_LOG
        position[r] = r + 1;
        if :: head < r + 1 -> head = r + 1 :: else fi;
#else
        head++;
        position[r] = head;
#endif
#ifndef BATCHES
        published = head;
#endif
        SET(entries, r)
    fi
}

/* The revocations of the news in (from, to] */
inline news(p, from, to) {
    if
    :: HAS(entries, 0) && position[0] > from && position[0] <= to && !HAS(skipped[p], 0) -> SET(knows[p], 0)
    :: else
    fi;
#if R > 1
    if
    :: HAS(entries, 1) && position[1] > from && position[1] <= to && !HAS(skipped[p], 1) -> SET(knows[p], 1)
    :: else
    fi
#endif
}

inline endLease(p) {
    CLEAR(lease, p); CLEAR(opened, p);
    CLEAR(patienceLeases[0], p); CLEAR(sweepLeases[0], p);
#if R > 1
    CLEAR(patienceLeases[1], p); CLEAR(sweepLeases[1], p);
#endif
    CLEAR(youngLeases[0], p); CLEAR(youngLeases[1], p);
#if N > 2
    CLEAR(youngLeases[2], p);
#endif
}

inline forgetSent(p) {
    CLEAR(patienceSent[0], p); CLEAR(sweepSent[0], p);
#if R > 1
    CLEAR(patienceSent[1], p); CLEAR(sweepSent[1], p);
#endif
    CLEAR(youngSent[0], p); CLEAR(youngSent[1], p);
#if N > 2
    CLEAR(youngSent[2], p);
#endif
    CLEAR(late, p)
}

#define inherit(leases, sent, p)  leases = (HAS(sent, p) -> leases | (1 << (p)) : leases & ~(1 << (p)))

inline renewLease(p) {
    if
    :: HAS(late, p)
    :: else ->
        SET(lease, p);
        CLEAR(opened, p);
        inherit(patienceLeases[0], patienceSent[0], p); inherit(sweepLeases[0], sweepSent[0], p);
#if R > 1
        inherit(patienceLeases[1], patienceSent[1], p); inherit(sweepLeases[1], sweepSent[1], p);
#endif
        inherit(youngLeases[0], youngSent[0], p); inherit(youngLeases[1], youngSent[1], p);
#if N > 2
        inherit(youngLeases[2], youngSent[2], p);
#endif
    fi
}

inline noConfirmation(p) {
    CLEAR(confirming, p); upTo[p] = 0; brings[p] = 0;
    forgetSent(p)
}

/* A writer starts again: nothing that was on its way is known to have happened */
inline failWaits(p) {
    if
    :: writer(0) == p && state[0] != FINISHED -> state[0] = IDLE; at[0] = 0; CLEAR(noticed, 0); CLEAR(early, 0); CLEAR(sweeping, 0); patienceLeases[0] = 0; patienceSent[0] = 0; sweepLeases[0] = 0; sweepSent[0] = 0; suspects[0] = 0
    :: else
    fi;
#if R > 1
    if
    :: writer(1) == p && state[1] != FINISHED -> state[1] = IDLE; at[1] = 0; CLEAR(noticed, 1); CLEAR(early, 1); CLEAR(sweeping, 1); patienceLeases[1] = 0; patienceSent[1] = 0; sweepLeases[1] = 0; sweepSent[1] = 0; suspects[1] = 0
    :: else
    fi
#endif
}

inline endYoung(p) {
    CLEAR(young, p); CLEAR(aged, p); youngLeases[p] = 0; youngSent[p] = 0
}

/* Joins anew, on the connection that there is, or on another one */
inline rejoin(p, to) {
    phase[p] = to;
    CLEAR(silent, p);
#ifdef NO_TRUST_DROPPED
    if
    :: !HAS(lease, p) -> CLEAR(trusting, p)
    :: else
    fi;
#else
    if
    :: to == SUBSCRIBED -> CLEAR(trusting, p)
    :: else
    fi;
#endif
    inEpoch[p] = 0; applied[p] = 0; skipped[p] = 0;
    CLEAR(knower, p); CLEAR(settled, p);
    noConfirmation(p);
    endYoung(p);
#ifdef NO_LAST_CONFIRM
    if
    :: writer(0) == p && (state[0] == PATIENT || state[0] == AGEING)
    :: else -> failWaits(p)
    fi
#else
    failWaits(p)
#endif
}

inline finish(r) {
    SET(done, r);
    state[r] = FINISHED; at[r] = 0;
    CLEAR(noticed, r); CLEAR(early, r); CLEAR(sweeping, r);
    patienceLeases[r] = 0; patienceSent[r] = 0; sweepLeases[r] = 0; sweepSent[r] = 0; suspects[r] = 0;
    if :: isAllFinished -> forgetMembers() :: else fi;
    check()
}

/* Leases of this epoch are none of its business */
#define isElsewhere(q)  (inEpoch[q] != epoch -> 1 << (q) : 0)
#if N == 2
#define elsewhere()     (isElsewhere(0) | isElsewhere(1))
#else
#define elsewhere()     (isElsewhere(0) | isElsewhere(1) | isElsewhere(2))
#endif

inline beginYoung(p) {
    SET(young, p);
    youngLeases[p] = lease & elsewhere();
    youngSent[p] = confirming & elsewhere()
}

/* `lease: false`: no membership, so that only the server says which epoch it is */
#define hears(p)        (!HAS(silent, p))

#ifdef ASKING
#define canWrite(p)     (isAsking(p) || phase[p] == JOINED && hears(p))
#define isCurrent(p)    (inEpoch[p] == epoch && hears(p) && (!isAsking(p) || isSameHistory))
#else
#define canWrite(p)     (phase[p] == JOINED && hears(p))
#define isCurrent(p)    (inEpoch[p] == epoch && hears(p))
#endif

#define isOldEnough(p)  (HAS(settled, p) || HAS(aged, p))


/* What concerns one revocation: writer p, and the server when it serves p */
#define REVOKE(r)                                                                                                       \
    :: d_step { writer(r) == p && state[r] == IDLE && canWrite(p) -> printf("%d: writes revocation %d\n", p, r);             \
        write(r) }                                                                                                      \
    :: d_step { writer(r) == p && state[r] >= WAITING && state[r] < AGEING && !HAS(noticed, r) && canNotice(p) && least(at[r]) -> printf("server: tells %d that all have confirmed %d\n", p, r); \
        SET(noticed, r) }                                                                                               \
    :: d_step { writer(r) == p && HAS(noticed, r) && canFinish(r) && isSure(p, r) -> printf("%d: revocation %d is DONE, all have confirmed\n", p, r); finish(r) }                                        \
    :: d_step { writer(r) == p && HAS(noticed, r) && !canFinish(r) -> printf("%d: all have confirmed %d, but the epoch is young\n", p, r); CLEAR(noticed, r); state[r] = AGEING } \
    :: d_step { writer(r) == p && state[r] == AGEING && isOldEnough(p) -> printf("%d: epoch is old enough for %d\n", p, r); \
        lapse(r) }                                                                                                      \
    :: d_step { writer(r) == p && state[r] == WAITING && isOut(p, r) -> printf("%d: patience for %d begins\n", p, r);                                                 \
        state[r] = PATIENT; patienceLeases[r] = lease & unaware(r); patienceSent[r] = confirming & unaware(r) }                                   \
    :: d_step { writer(r) == p && state[r] == PATIENT && isPatienceOver(r) -> printf("%d: patience for %d is over\n", p, r);                                           \
        late = late | patienceSent[r]; patienceLeases[r] = 0; patienceSent[r] = 0;                                      \
        lapse(r) }                                                                                                      \
    :: d_step { writer(r) == p && isAsking(p) && state[r] == LAPSED -> printf("%d: looks at the epoch once more for %d\n", p, r);                                                  \
        if :: isCurrent(p) -> finish(r) :: else -> failWaits(p); endYoung(p); CLEAR(settled, p) fi }                    \
    :: d_step { canSweep && writer(r) == p && !isAsking(p) && state[r] == PATIENT && !HAS(sweeping, r) && isCurrent(p) && phase[p] == JOINED && !least(at[r]) -> printf("%d: suspects who has not confirmed %d\n", p, r); \
        SET(sweeping, r); suspect(r); sweepLeases[r] = lease & suspects[r]; sweepSent[r] = confirming & suspects[r] }                               \
    :: d_step { writer(r) == p && HAS(sweeping, r) && isSweepOver(r) -> printf("%d: removes who is still suspected, for %d\n", p, r);                                                 \
        late = late | sweepSent[r]; CLEAR(sweeping, r); sweepLeases[r] = 0; sweepSent[r] = 0;                           \
        strike(r) }

/* Who knows of a revocation need not be waited for, which makes the wait shorter than it is, and the search as well */
#define isUnaware(q, r) (HAS(knows[q], r) -> 0 : 1 << (q))
#if N == 2
#define unaware(r)      (isUnaware(0, r) | isUnaware(1, r))
#else
#define unaware(r)      (isUnaware(0, r) | isUnaware(1, r) | isUnaware(2, r))
#endif

#ifdef NO_EPOCH_OF_WRITE
#define canNotice(p)    hears(p)
#else
#define canNotice(p)    isCurrent(p)
#endif

/* What is heard while the epoch is young is heard before the last wait */
#if defined(NO_YOUNG_EPOCH)
#define canFinish(r)    true
#elif defined(NO_PROOF_LAST)
#define canFinish(r)    (!HAS(early, r) || isOldEnough(writer(r)))
#else
#define canFinish(r)    (!HAS(early, r))
#endif

/*
 * An answer is worth something for a lease: whoever has waited out a lease since then may have heard of a loss that the writer has not. `noticed`
 * is then asked again.
 */
#ifdef NO_DONE_UNDER_LEASE
#define isSure(p, r)    true
#else
#define isSure(p, r)    (isAsking(p) -> isCurrent(p) && least(at[r]) : HAS(lease, p))
#endif

/* Its writer has had the news of it, so that they were published before patience begins */
#ifdef NO_PATIENCE_FROM_NEWS
#define isOut(p, r)     true
#else
#define isOut(p, r)     (isAsking(p) -> isCurrent(p) && published >= at[r] : applied[p] >= at[r] && published >= at[r])
#endif

#ifdef NO_PATIENCE
#define isPatienceOver(r)   true
#else
#define isPatienceOver(r)   (patienceLeases[r] == 0)
#endif

#ifdef SWEEPS
#define canSweep            true
#else
#define canSweep            false
#endif

#ifdef NO_SWEEP_PATIENCE
#define isSweepOver(r)      true
#else
#define isSweepOver(r)      (sweepLeases[r] == 0)
#endif

inline lapse(r) {
#ifdef NO_LAST_CONFIRM
    finish(r)
#else
    state[r] = LAPSED
#endif
}

inline open(q) {
    if
#ifdef NO_HISTORY
    :: epoch == 0 -> newEpoch()
#else
    :: epoch == 0 || !isSameHistory -> newEpoch()
#endif
    :: else
    fi
}

inline await(r) {
    before = head;
    append(r);
    if
    :: member[p] == before + 1 && head == before + 1 -> member[p] = head + 1     /* the writer knows its own write */
    :: else
    fi;
    before = 0;
    at[r] = position[r];
    state[r] = WAITING;
    if
    :: isOldEnough(p) -> CLEAR(early, r)
    :: else -> SET(early, r)
    fi
}

inline write(r) {
    if
    :: isAsking(p) ->
        open(p);
        member[p] = 0;
        inEpoch[p] = epoch;
        CLEAR(settled, p); endYoung(p);
        if
        :: isSettled -> SET(settled, p)
        :: else -> beginYoung(p)
        fi;
        await(r)
    :: else ->
        if
#ifdef NO_EPOCH_OF_WRITE
        :: true ->
#else
        :: inEpoch[p] == epoch ->
#endif
            await(r); SET(knows[p], r)
#ifndef NO_EPOCH_OF_WRITE
        :: else -> rejoin(p, SUBSCRIBED)
#endif
        fi
    fi
}

inline suspect(r) {
    suspects[r] = 0;
    if :: member[0] != 0 && member[0] <= at[r] -> SET(suspects[r], 0) :: else fi;
    if :: member[1] != 0 && member[1] <= at[r] -> SET(suspects[r], 1) :: else fi;
#if N > 2
    if :: member[2] != 0 && member[2] <= at[r] -> SET(suspects[r], 2) :: else fi;
#endif
}

inline strike(r) {
    if
    :: isCurrent(p) ->
        if :: HAS(suspects[r], 0) -> member[0] = 0 :: else fi;
        if :: HAS(suspects[r], 1) -> member[1] = 0 :: else fi;
#if N > 2
        if :: HAS(suspects[r], 2) -> member[2] = 0 :: else fi;
#endif
        skip
    :: else
    fi;
    suspects[r] = 0
}


inline restore(q) {
    CLEAR(tardy, q);
    missing = knows[q] & ~entries;
    knows[q] = knows[q] | entries;
#ifdef NO_WRITE_BACK
    missing = 0;
#endif
    if
    :: missing != 0 && inEpoch[q] != epoch -> rejoin(q, SUBSCRIBED)
    :: missing != 0 && inEpoch[q] == epoch ->
        if :: HAS(missing, 0) -> append(0) :: else fi;
#if R > 1
        if :: HAS(missing, 1) -> append(1) :: else fi;
#endif
#ifndef NO_RESTORED_AT_ONCE
        published = head;
#endif
        phase[q] = READY
    :: else -> phase[q] = READY
    fi;
    missing = 0
}

#ifdef NO_SETTLING
#define mayTrust(q)     true
#else
#define mayTrust(q)     (HAS(settled, q) || HAS(knower, q))
#endif

/* The assumption: who knows what the server has lost comes back, and has written it there, within the wait of those who wait for it */
#define haveReturned(q) (!isKnownBeside(q, done & ~lost & ~entries))

/* In a wait that is no longer than a lease those do not come back who notice when their leases have run out */
#ifdef NO_ABSENCE
#define returning(q)    (HAS(tardy, q) -> 0 : knows[q])
#else
#define returning(q)    knows[q]
#endif

inline settle(q) {
    if
    :: inEpoch[q] == epoch -> isSettled = true; SET(settled, q); endYoung(q)
    :: else -> rejoin(q, SUBSCRIBED)
    fi
}

/* The news of other processes come with the replies to their confirmations, unless they are to come alone as well */
#if defined(NEWS) || defined(SKIPS)
#define hasNews(q)      true
#else
#define hasNews(q)      isWriter(q)
#endif

inline receive(q) {
    if
#ifndef NO_GAP
    :: skipped[q] != 0 -> rejoin(q, SUBSCRIBED)
#endif
    :: else -> news(q, applied[q], published); applied[q] = published
    fi
}

inline unsuspect(q) {
#ifndef NO_SUSPICION_CLEARED
    CLEAR(suspects[0], q);
#if R > 1
    CLEAR(suspects[1], q);
#endif
#endif
    skip
}

#if R > 1
#define isSuspected(q)  (HAS(suspects[0], q) || HAS(suspects[1], q))
#else
#define isSuspected(q)  HAS(suspects[0], q)
#endif

/*
 * Sent and served in one step. What lies between cannot be seen, except that the lease begins a little later than it does: with the service, not
 * with the sending. So more is tried than can happen.
 */
inline serve(q) {
    if
#ifdef NO_EPOCH_OF_CONFIRM
    :: true ->
#else
    :: inEpoch[q] == epoch ->
#endif
        if
        :: isAllFinished -> member[q] = 0
        :: !isAllFinished && member[q] <= applied[q] -> member[q] = applied[q] + 1
        :: else
        fi;
        CLEAR(ghostMatches, q);
        unsuspect(q);
        forgetSent(q);
        SET(confirming, q);
        upTo[q] = published;
        brings[q] = 0;
        if :: HAS(entries, 0) && position[0] <= published -> SET(brings[q], 0) :: else fi;
#if R > 1
        if :: HAS(entries, 1) && position[1] <= published -> SET(brings[q], 1) :: else fi;
#endif
        brings[q] = brings[q] & ~skipped[q];
        if :: writer(0) == q && state[0] == LAPSED -> state[0] = PROVING :: else fi;
#if R > 1
        if :: writer(1) == q && state[1] == LAPSED -> state[1] = PROVING :: else fi;
#endif
        skip
#ifndef NO_EPOCH_OF_CONFIRM
    :: else -> rejoin(q, SUBSCRIBED)
#endif
    fi
}

inline sendOpen(q) {
    rejoin(q, SUBSCRIBED);
#ifndef NO_KNOWER_ONCE
    if :: HAS(opened, q) -> endLease(q) :: else fi;
#endif
    if
    :: HAS(lease, q) -> SET(opened, q);
#ifdef NO_KNOWER_UNTIL_OPENED
        SET(knower, q)
#endif
    :: else
    fi
}

inline granted(q) {
    if
#ifndef NO_GAP
    :: skipped[q] != 0 && applied[q] < upTo[q] -> rejoin(q, SUBSCRIBED)
#endif
    :: else ->
        knows[q] = knows[q] | brings[q];
        if :: applied[q] < upTo[q] -> applied[q] = upTo[q] :: else fi;
        if :: phase[q] == READY -> phase[q] = JOINED; CLEAR(knower, q); SET(trusting, q); if :: !isWriter(q) -> SET(settled, q); endYoung(q) :: else fi :: else fi;
#ifdef NO_LEASE_FROM_SENDING
        forgetSent(q);
#endif
        renewLease(q);
        noConfirmation(q);
        if
        :: writer(0) == q && state[0] == PROVING && isSure(q, 0) -> finish(0)
        :: writer(0) == q && state[0] == PROVING && !isSure(q, 0) -> state[0] = LAPSED
        :: else
        fi;
#if R > 1
        if
        :: writer(1) == q && state[1] == PROVING && isSure(q, 1) -> finish(1)
        :: writer(1) == q && state[1] == PROVING && !isSure(q, 1) -> state[1] = LAPSED
        :: else
        fi;
#endif
        check()
    fi
}

inline end(q) {
    rejoin(q, DOWN);
    failWaits(q);
    endLease(q);
    CLEAR(trusting, q); CLEAR(opened, q); CLEAR(isStranger, q); CLEAR(ghostMatches, q);
    knows[q] = 0;
    CLEAR(tardy, q);
    mourn()
}

inline skip_news(q) {
    if :: HAS(entries, 0) && position[0] > applied[q] && position[0] <= published -> SET(skipped[q], 0) :: else fi;
#if R > 1
    if :: HAS(entries, 1) && position[1] > applied[q] && position[1] <= published -> SET(skipped[q], 1) :: else fi;
#endif
    brings[q] = brings[q] & ~skipped[q]
}

inline cut(q) {
    if
    :: phase[q] != DOWN && !isAsking(q) -> rejoin(q, DOWN)
    :: else
    fi
}

/* All connections go, and what was on its way with them */
inline restart() {
    isSameHistory = false;
    ghostOpen = 0; ghostLeave = 0; ghostMatches = 0;
    cut(0); cut(1);
#if N > 2
    cut(2);
#endif
}

/* Or nobody is left who would say that they are gone. A reply may still be on its way */
inline fallSilent(q) {
    if
    :: phase[q] != DOWN && !isAsking(q) -> SET(silent, q); SET(tardy, q)
    :: else
    fi
}

inline vanish() {
    isSameHistory = false;
    ghostOpen = 0; ghostLeave = 0; ghostMatches = 0;
    fallSilent(0); fallSilent(1);
#if N > 2
    fallSilent(2);
#endif
}


active [N] proctype Process() {

    byte p = _pid;

    do
    REVOKE(0)
#if R > 1
    REVOKE(1)
#endif

    /* Time */

    :: d_step { HAS(lease, p) -> printf("%d: lease runs out\n", p); endLease(p); if :: phase[p] == DOWN -> CLEAR(trusting, p) :: else fi }
    :: d_step { HAS(young, p) && youngLeases[p] == 0 -> printf("%d: epoch is old enough\n", p); late = late | youngSent[p]; endYoung(p); SET(aged, p) }

    /* The join */

    :: d_step { phase[p] <= SUBSCRIBED && !isAsking(p) -> printf("%d: subscribes, sends open\n", p);
        sendOpen(p);
#ifdef SLOW_OPENS
        phase[p] = OPENING }
    :: d_step { phase[p] == OPENING && hears(p) -> printf("server: open of %d\n", p);
#endif
        open(p); phase[p] = OPENED; member[p] = 0; inEpoch[p] = epoch; applied[p] = head;
        if :: isSettled -> SET(settled, p) :: else fi }
    :: d_step { phase[p] == OPENED && hears(p) -> printf("%d: has the reply of open, reads, and writes back\n", p);
#ifndef NO_KNOWER_UNTIL_OPENED
        if :: HAS(lease, p) -> SET(knower, p) :: else fi;
#endif
#ifndef NO_TRUST_DROPPED
        endLease(p);
#endif
        if :: !HAS(settled, p) && (isWriter(p) || !HAS(knower, p)) -> beginYoung(p) :: else fi;
        restore(p) }
    :: d_step { phase[p] == READY && hears(p) && !HAS(confirming, p) && mayTrust(p) -> printf("%d: confirms for the first time\n", p); serve(p) }
    :: d_step { phase[p] >= READY && HAS(aged, p) && hears(p) && !HAS(settled, p) && (inEpoch[p] != epoch || haveReturned(p)) -> printf("%d: settles the epoch\n", p); settle(p) }

    /* News, and confirmations */

    :: d_step { phase[p] >= READY && !isAsking(p) && isCurrent(p) && applied[p] < published && hasNews(p) -> printf("%d: news\n", p); receive(p) }
    :: d_step { phase[p] == JOINED && hears(p) && !isAsking(p) && !HAS(confirming, p) -> printf("%d: confirms\n", p); serve(p) }
    :: d_step { HAS(confirming, p) -> printf("%d: has the reply of its confirmation\n", p); granted(p) }

    /* An acknowledgement: as a confirmation whose reply is not sent, so that it renews no lease. It makes nobody a member */

    :: d_step { phase[p] == JOINED && !isAsking(p) && inEpoch[p] == epoch && member[p] != 0 && (member[p] <= applied[p] || isSuspected(p)) -> printf("%d: acknowledges\n", p);
        if :: member[p] <= applied[p] -> member[p] = applied[p] + 1 :: else fi;
        CLEAR(ghostMatches, p);
        unsuspect(p) }

#ifdef NO_CLOCK_FIRST

    /* A request that begins after the revocation is done reads memory first, and the clock later */

    :: d_step { !HAS(isStranger, p) && HAS(done, 0) && !HAS(lost, 0) && !HAS(knows[p], 0) -> printf("%d: a request finds nothing in memory\n", p); SET(isStranger, p) }
    :: d_step { HAS(isStranger, p) -> printf("%d: the request looks at the clock\n", p); assert(!HAS(trusting & lease, p) || HAS(lost, 0)); CLEAR(isStranger, p) }
#endif

#ifdef BATCHES

    /* Publishes what is due: any script that comes along */

    :: d_step { p == 0 && published < head -> printf("server: publishes (%d)\n", p); published = head }
#endif

    /* Faults of one process */

#ifdef BREAKS
    :: d_step { faults > 0 && phase[p] != DOWN && !isAsking(p) -> faults--; printf("FAULT: connection of %d breaks\n", p);
        rejoin(p, DOWN) }
#endif
#ifdef GHOSTS
    :: d_step { faults > 0 && phase[p] == DOWN && !isAsking(p) -> faults--; printf("FAULT: connection of %d breaks behind its open\n", p);
        sendOpen(p); phase[p] = DOWN; SET(ghostOpen, p) }
    :: d_step { HAS(ghostOpen, p) -> printf("server: late open of %d\n", p); CLEAR(ghostOpen, p); open(p) }
#endif
#ifdef CRASHES
    :: d_step { faults > 0 && !isAsking(p) -> faults--; printf("FAULT: %d crashes\n", p); end(p) }
#endif
#ifdef STOPS
    :: d_step { faults > 0 && phase[p] == JOINED && hears(p) && !HAS(confirming, p) && !isAsking(p) -> faults--; printf("FAULT: %d stops, and starts again\n", p); end(p); SET(ghostLeave, p); SET(ghostMatches, p) }
    :: d_step { HAS(ghostLeave, p) -> printf("server: leave of %d\n", p); CLEAR(ghostLeave, p);
#ifndef NO_INCARNATION
        if :: HAS(ghostMatches, p) -> member[p] = 0 :: else fi;
#else
        member[p] = 0;
#endif
        CLEAR(ghostMatches, p) }
#endif
#ifdef SKIPS
    :: d_step { faults > 0 && phase[p] >= READY && !isAsking(p) && isCurrent(p) && applied[p] < published && skipped[p] == 0 -> faults--; printf("FAULT: %d misses news\n", p);
        skip_news(p) }
#endif

    /* Faults of the server */

#ifdef FLUSHES
    :: d_step { p == 0 && faults > 0 -> faults--; printf("FAULT: FLUSHALL (%d)\n", p); epoch = 0; isSettled = false; head = 0; published = 0; entries = 0; position[0] = 0;
#if R > 1
        position[1] = 0;
#endif
        forgetMembers(); mourn() }
#endif
#ifdef RESTARTS
    :: d_step { p == 0 && faults > 0 -> faults--; printf("FAULT: restart without data (%d)\n", p); restart(); epoch = 0; isSettled = false; head = 0; published = 0; entries = 0; position[0] = 0;
#if R > 1
        position[1] = 0;
#endif
        forgetMembers(); mourn() }
#endif
#ifdef ROLLBACKS
    :: d_step { p == 0 && faults > 0 -> faults--; printf("FAULT: restart with data (%d)\n", p); restart() }
    :: d_step { p == 0 && faults > 0 && entries != 0 -> faults--; printf("FAULT: restart with older data (%d)\n", p); restart(); entries = 0; mourn() }
#endif
#ifdef SILENCES
    :: d_step { p == 0 && faults > 0 && silent == 0 -> faults--; printf("FAULT: the server goes silent, another one has its data (%d)\n", p); vanish() }
    :: d_step { p == 0 && faults > 0 && silent == 0 && entries != 0 -> faults--; printf("FAULT: the server goes silent, another one has older data (%d)\n", p); vanish(); entries = 0; mourn() }
    :: d_step { HAS(silent, p) -> printf("%d: gives up its silent connection\n", p); if :: HAS(lease, p) -> CLEAR(tardy, p) :: else fi; rejoin(p, DOWN) }
#endif
    od
}
