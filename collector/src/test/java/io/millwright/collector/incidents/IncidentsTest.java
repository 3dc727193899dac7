package io.millwright.collector.incidents;

import static io.millwright.collector.incidents.Site.serial;
import static org.assertj.core.api.Assertions.assertThat;

import io.millwright.collector.racks.RackMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whole storms through the fleet's reducer: how many incidents, how many pages, and whose. */
class IncidentsTest {

  /** 18 trays a domain, each domain a rack with a switch; two racks a feed. */
  private static RackMap racks(int count) {
    return racks(count, -1);
  }

  /** Without this tray of the first rack. */
  private static RackMap racks(int count, int without) {
    List<String> lines = new ArrayList<>(List.of("node,rack,tray,switch,feed,domain"));
    for (int rack = 0; rack < count; rack++) {
      for (int tray = 0; tray < 18; tray++) {
        lines.add(
            "r%dt%d,rack-%d,%d,leaf-%d,feed-%d,nvl-%d"
                .formatted(rack, tray, rack, tray, rack, rack / 2, rack));
      }
    }
    lines.removeIf(line -> line.startsWith("r0t" + without + ","));
    return RackMap.of(lines);
  }

  private static String tray(int rack, int tray) {
    return "r%dt%d".formatted(rack, tray);
  }

  // ---- NVL72

  @Test
  void aBrokenLinkOfAnNvl72IsOneIncidentAndOnePageWithItsSerial() {
    Site site = new Site(racks(2), 4);
    site.seconds(3);
    for (int device = 0; device < 72; device++) {
      if (device != 25) {
        site.breaks(tray(0, device / 4), device % 4, "xid-job", "45");
      }
      if (device != 25 && device < 64) {
        site.breaks(tray(0, device / 4), device % 4, "xid-link-warning", "145");
      }
    }
    site.second(); // the neighbours are heard first
    for (int tray = 0; tray < 17; tray++) {
      site.breaks(tray(0, tray), 0, "recovery-imex", "");
    }
    site.breaks(tray(0, 6), 1, "xid-link", "149");
    site.breaks(tray(0, 6), 1, "recovery-reset", "");
    site.seconds(90);

    assertThat(site.open()).hasSize(1);
    Incident incident = site.open().getFirst();
    assertThat(incident.id()).isEqualTo("inc-2026-1122-1");
    assertThat(incident.root().orElseThrow().serial()).contains(Site.serial(tray(0, 6), 1));
    assertThat(incident.count()).isEqualTo(72);
    assertThat(incident.nodes()).hasSize(18);
    assertThat(incident.jobs()).containsExactly("train-r1");
    assertThat(incident.summary())
        .isEqualTo(
            "Link trouble in domain nvl-0: it began at accelerator 1 of r0t6 (serial SN-r0t6-1) with Xid 149; 71 others complain of it");
    assertThat(site.pages()).isEqualTo(1);
    assertThat(site.offences.keySet()).containsExactly(Site.serial(tray(0, 6), 1));
  }

  /** {@code device-lost} would come first by name. */
  @Test
  void theSentenceNamesTheXidBeforeTheLossThatItCaused() {
    Site site = new Site(racks(1), 4);
    site.seconds(3);
    site.breaks(tray(0, 0), 0, "device-lost", "");
    site.breaks(tray(0, 0), 0, "xid-reboot", "79");
    site.seconds(20);
    assertThat(site.open())
        .singleElement()
        .satisfies(one -> assertThat(one.summary()).contains("is failed by xid-reboot"));
  }

  @Test
  void twoDomainsAreTwoIncidents() {
    Site site = new Site(racks(2), 4);
    for (int rack = 0; rack < 2; rack++) {
      site.breaks(tray(rack, 0), 0, "xid-link", "149");
      site.breaks(tray(rack, 1), 0, "xid-link-warning", "145");
    }
    site.seconds(20);
    assertThat(site.open()).extracting(one -> one.cause().name()).containsExactly("nvl-0", "nvl-1");
    assertThat(site.pages()).isEqualTo(2);
  }

  /** What began an hour later has another cause. */
  @Test
  void aSecondBrokenLinkMuchLaterIsAnIncidentOfItsOwn() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 0), 0, "xid-link", "149");
    site.breaks(tray(0, 1), 0, "xid-link-warning", "145");
    site.minutes(60);
    site.breaks(tray(0, 9), 2, "xid-link", "149");
    site.breaks(tray(0, 8), 2, "xid-link-warning", "145");
    site.minutes(2);
    assertThat(site.open()).hasSize(2);
    assertThat(site.open().getLast().root().orElseThrow().serial())
        .contains(Site.serial(tray(0, 9), 2));
    assertThat(site.pages()).isEqualTo(2);
  }

  // ---- silence

  @Test
  void theLossOfASwitchIsOnePageThatHoldsNothingAgainstTheNodes() {
    Site site = new Site(racks(4), 4);
    site.seconds(3);
    for (int tray = 0; tray < 18; tray++) {
      site.falls(tray(1, tray));
      if (tray % 6 == 5) {
        site.second();
      }
    }
    site.seconds(60);
    assertThat(site.open()).hasSize(1);
    Incident incident = site.open().getFirst();
    assertThat(incident.summary())
        .isEqualTo("Loss of switch leaf-1: 18 nodes fell silent; no evidence against the nodes");
    assertThat(incident.root()).isEmpty();
    assertThat(site.offences).isEmpty();
    assertThat(site.pages()).isEqualTo(1);

    for (int tray = 0; tray < 18; tray++) { // they come back one after the other
      site.returns(tray(1, tray));
      site.seconds(3);
    }
    site.seconds(70);
    assertThat(site.open()).isEmpty();
    assertThat(site.pages()).isEqualTo(1);
    assertThat(site.notices.getLast().kind()).isEqualTo(Notice.Kind.CLOSED);
  }

  @Test
  void theLossOfAFeedIsOneIncidentThoughItTakesTwoSwitches() {
    Site site = new Site(racks(6), 1);
    site.seconds(3);
    for (int tray = 0; tray < 18; tray++) {
      site.falls(tray(2, tray));
    }
    site.seconds(3);
    for (int tray = 0; tray < 18; tray++) {
      site.falls(tray(3, tray));
    }
    site.seconds(60);
    assertThat(site.open())
        .extracting(Incident::summary)
        .containsExactly(
            "Loss of feed feed-1: 36 nodes fell silent; no evidence against the nodes");
    assertThat(site.pages()).isEqualTo(1);
    assertThat(site.open().getFirst().nodes()).hasSize(36);
  }

  @Test
  void aSwitchThatDiesSlowlyIsOnePage() {
    Site site = new Site(racks(4), 1);
    site.seconds(3);
    for (int tray = 0; tray < 18; tray++) {
      site.falls(tray(1, tray));
      site.seconds(2);
    }
    site.seconds(120);
    assertThat(site.open())
        .extracting(one -> one.cause().kind())
        .containsExactly(Cause.Kind.SWITCH);
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void silencesThatStayFewCallOnceNoneFollows() {
    Site site = new Site(racks(4), 1);
    site.seconds(3);
    site.falls(tray(1, 0));
    site.seconds(5);
    site.falls(tray(1, 1));
    site.seconds(33); // both are lost; the second a moment ago
    assertThat(site.open()).hasSize(2);
    site.seconds(20);
    assertThat(site.pages()).isZero();
    site.seconds(15);
    assertThat(site.pages()).isEqualTo(2);
  }

  @Test
  void whatFailedOnANodeCallsWhileOthersFallSilent() {
    Site site = new Site(racks(4), 2);
    site.seconds(3);
    site.falls(tray(1, 0));
    site.seconds(2);
    site.falls(tray(1, 1));
    site.seconds(29);
    site.breaks(tray(1, 5), 0, "xid-reboot", "79");
    site.seconds(12);
    assertThat(site.notices)
        .filteredOn(Notice::page)
        .singleElement()
        .satisfies(one -> assertThat(one.incident().nodes()).containsExactly(tray(1, 5)));
  }

  @Test
  void aSingleSilentNodeIsItsOwnIncident() {
    Site site = new Site(racks(1), 1);
    site.seconds(3);
    site.falls(tray(0, 3));
    site.seconds(60);
    assertThat(site.open()).extracting(one -> one.cause().name()).containsExactly(tray(0, 3));
    assertThat(site.open().getFirst().root()).isEmpty();
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void theSilenceOfMostNodesPointsAtTheCollector() {
    Site site = new Site(racks(4), 1);
    site.seconds(3);
    for (int rack = 0; rack < 4; rack++) {
      for (int tray = 0; tray < 18; tray++) {
        site.falls(tray(rack, tray));
      }
    }
    site.seconds(60);
    assertThat(site.open()).extracting(one -> one.cause().kind()).containsExactly(Cause.Kind.SITE);
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void theCollectorsOwnRestartIsNoIncident() {
    Site site = new Site(racks(2), 4);
    site.seconds(3);
    site.restart();
    site.seconds(20); // nobody is there yet
    site.reconnect();
    site.seconds(60);
    assertThat(site.all()).isEmpty();
    assertThat(site.pages()).isZero();
  }

  @Test
  void whatStoodBeforeARestartIsTheSameIncidentAndNoSecondPage() {
    Site site = new Site(racks(2), 4);
    site.breaks(tray(0, 6), 1, "xid-link", "149");
    site.breaks(tray(0, 7), 1, "xid-link-warning", "145");
    site.falls(tray(1, 2));
    site.seconds(60);
    List<String> before = site.open().stream().map(Incident::id).toList();
    assertThat(site.pages()).isEqualTo(2);
    site.restart();
    site.seconds(5);
    site.reconnect();
    site.seconds(90);
    assertThat(site.open()).extracting(Incident::id).isEqualTo(before);
    assertThat(site.pages()).isEqualTo(2);
  }

  @Test
  void whatWasMendedWhileTheCollectorWasAwayCallsNobody() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.seconds(3);
    site.restart();
    site.seconds(30); // longer than is waited for what belongs together
    site.heals(tray(0, 2));
    site.reconnect();
    site.seconds(90);
    assertThat(site.open()).isEmpty();
    assertThat(site.pages()).isZero();
  }

  @Test
  void whatStoodBeforeARestartCallsAlsoWhereItsNodeIsNotHeardAgain() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.seconds(3);
    site.restart();
    site.seconds(90);
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void aNodeThatIsGoneForGoodEndsWhatStoodOfIt() {
    Site site = new Site(racks(1), 1);
    site.breaks(tray(0, 2), 0, "xid-reset", "48");
    site.breaks(tray(0, 3), 0, "xid-reset", "48");
    site.seconds(20);
    site.falls(tray(0, 2));
    site.falls(tray(0, 3));
    site.seconds(60);
    site.map = racks(1, 2); // the one was taken out, the other is in repair
    site.restart();
    site.days(6);
    assertThat(nodes(site.open())).contains(tray(0, 2), tray(0, 3));
    site.days(2);
    assertThat(nodes(site.open())).containsExactly(tray(0, 3));
    assertThat(site.notices.getLast().kind()).isEqualTo(Notice.Kind.CLOSED);
  }

  @Test
  void aNodeThatIsGoneForGoodIsNotMissedAgainUntilItReturns() {
    Site site = new Site(racks(1), 1);
    site.seconds(3);
    site.falls(tray(0, 2));
    site.seconds(60);
    site.map = racks(1, 2);
    site.days(8);
    assertThat(site.open()).isEmpty();
    site.map = racks(1, 2); // read again
    site.days(1);
    assertThat(site.open()).isEmpty();
    site.returns(tray(0, 2));
    site.seconds(5);
    site.breaks(tray(0, 2), 0, "xid-reset", "48");
    site.seconds(20);
    assertThat(nodes(site.open())).containsExactly(tray(0, 2));
  }

  private static Set<String> nodes(List<Incident> incidents) {
    Set<String> nodes = new HashSet<>();
    incidents.forEach(one -> nodes.addAll(one.nodes()));
    return nodes;
  }

  // ---- what becomes part of another

  @Test
  void whoCameForWhatBecomesPartOfAnotherIsCalledForThat() {
    List<String> lines = new ArrayList<>(List.of("node,switch"));
    for (int i = 0; i < 12; i++) {
      lines.add("n%d,leaf-%d".formatted(i, i / 6));
    }
    Site site = new Site(RackMap.of(lines), 1);
    long end = Site.START + Duration.ofHours(1).toMillis();
    site.quiet = (node, rule) -> node.equals("n0") ? OptionalLong.of(end) : OptionalLong.empty();
    site.seconds(3);
    site.falls("n0");
    site.second();
    site.falls("n1");
    site.seconds(60);
    assertThat(site.pages()).as("the other is under a window").isEqualTo(1);
    String called = site.notices.stream().filter(Notice::page).findFirst().orElseThrow().key();
    site.falls("n2"); // half of the switch
    site.seconds(60);

    assertThat(site.open()).hasSize(1);
    Incident whole = site.open().getFirst();
    Notice over =
        site.notices.stream()
            .filter(one -> one.kind() == Notice.Kind.CLOSED)
            .findFirst()
            .orElseThrow();
    assertThat(over.mergedInto()).contains(whole.id());
    assertThat(called).startsWith(over.incident().id() + "/");
    assertThat(over.incident().open()).isFalse();
    assertThat(over.incident().nodes()).containsExactly("n1");
    assertThat(site.pages()).isEqualTo(2);
    Notice second = site.notices.stream().filter(Notice::page).toList().getLast();
    assertThat(second.incident().id()).isEqualTo(whole.id());
    assertThat(second.kind()).isEqualTo(Notice.Kind.OPENED);
  }

  @Test
  void whatWaitsStillWaitsWithWhatWasHeldBack() {
    Cause cause = new Cause(Cause.Kind.NODE, "n1", Nature.OWN);
    for (boolean first : new boolean[] {true, false}) {
      Case one = new Case("inc-2026-1122-1", cause, 0);
      one.page(first ? Incident.Page.WAITING : Incident.Page.SUPPRESSED);
      Case other = new Case("inc-2026-1122-2", cause, 0);
      other.page(first ? Incident.Page.SUPPRESSED : Incident.Page.WAITING);
      assertThat(one.swallow(other)).isFalse();
      assertThat(one.page()).isEqualTo(Incident.Page.WAITING);
    }
  }

  // ---- one device

  @Test
  void allRulesOfADeviceAreOneIncidentOfItsSerial() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 2), 3, "xid-reboot", "79");
    site.breaks(tray(0, 2), 3, "recovery-reboot", "");
    site.breaks(tray(0, 5), 1, "xid-job", "13"); // the job's own
    site.seconds(20);
    assertThat(site.open()).hasSize(1);
    assertThat(site.open().getFirst().root().orElseThrow().identity())
        .isEqualTo(Site.serial(tray(0, 2), 3));
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void theSameOfAllDevicesOfANodeIsTheNodes() {
    Site site = new Site(racks(1), 4);
    for (int device = 0; device < 4; device++) {
      site.breaks(tray(0, 2), device, "driver-gone", "");
    }
    site.seconds(20);
    assertThat(site.open()).extracting(one -> one.cause().kind()).containsExactly(Cause.Kind.NODE);
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void aWarningCallsForNobodyUntilItFails() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 2), 3, "remap-pending", "");
    site.seconds(30);
    assertThat(site.pages()).isZero();
    assertThat(site.notices).extracting(Notice::kind).containsExactly(Notice.Kind.OPENED);
    site.breaks(tray(0, 2), 3, "remap-failed", "");
    site.seconds(30);
    assertThat(site.open()).hasSize(1);
    assertThat(site.pages()).isEqualTo(1);
  }

  @Test
  void itClosesAMinuteAfterAllIsClearAndComesBackAsItself() {
    Site site = new Site(racks(1), 4);
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.seconds(20);
    site.heals(tray(0, 2));
    site.seconds(30);
    assertThat(site.open()).hasSize(1);
    site.seconds(40);
    assertThat(site.open()).isEmpty();
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.seconds(30);
    assertThat(site.open()).extracting(Incident::id).containsExactly("inc-2026-1122-1");
    assertThat(site.pages()).isEqualTo(1);
    site.heals(tray(0, 2));
    site.minutes(40);
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.seconds(30);
    assertThat(site.open()).extracting(Incident::id).containsExactly("inc-2026-1122-2");
    assertThat(site.open().getFirst().repeats()).isEqualTo(2);
    assertThat(site.pages()).isEqualTo(2);
  }

  // ---- whom not to call

  @Test
  void aWindowHoldsPagesBackUntilItsEnd() {
    Site site = new Site(racks(1), 4);
    long end = Site.START + Duration.ofMinutes(5).toMillis();
    site.quiet =
        (node, rule) -> node.equals(tray(0, 2)) ? OptionalLong.of(end) : OptionalLong.empty();
    site.breaks(tray(0, 2), 3, "xid-reset", "48");
    site.breaks(tray(0, 9), 3, "xid-reset", "48");
    site.minutes(3);
    assertThat(site.open()).hasSize(2);
    assertThat(site.pages()).isEqualTo(1);
    site.minutes(4);
    assertThat(site.pages()).isEqualTo(2);
  }

  // ---- closed by a person

  @Test
  void whatAPersonClosedOfANodeThatIsGoneStaysClosed() {
    Site site = new Site(racks(1), 2);
    site.seconds(3);
    site.breaks(tray(0, 3), 0, "xid-reboot", "79");
    site.seconds(20);
    site.falls(tray(0, 3));
    site.seconds(60);
    assertThat(site.open()).hasSize(2);
    for (Incident one : site.open()) {
      assertThat(site.tellers(one.id())).isEmpty();
      site.close(one.id());
    }
    site.seconds(120);
    site.minutes(40);
    assertThat(site.open()).isEmpty();
    assertThat(site.all()).hasSize(2).allMatch(one -> one.closing().isPresent());
    assertThat(site.notices.getLast().kind()).isEqualTo(Notice.Kind.CLOSED);

    site.returns(tray(0, 3)); // it is there all the same, and as it was
    site.seconds(20);
    assertThat(site.open()).hasSize(1);
    assertThat(site.all()).hasSize(3);
  }

  @Test
  void aNodeThatDiesAfterItsIncidentWasClosedInAMomentOfSilenceIsTold() {
    Site site = new Site(racks(1), 2);
    site.seconds(3);
    site.breaks(tray(0, 3), 0, "xid-reboot", "79");
    site.seconds(20);
    site.falls(tray(0, 3));
    site.seconds(10); // silent, and not lost yet
    String first = site.open().getFirst().id();
    assertThat(site.tellers(first)).isEmpty();
    assertThat(site.unclear(first)).containsExactly(tray(0, 3));
    long before = site.pages();
    site.close(first); // anyway
    site.seconds(90);
    assertThat(site.open())
        .singleElement()
        .satisfies(one -> assertThat(one.summary()).contains(tray(0, 3)));
    assertThat(site.pages()).isEqualTo(before + 1);
  }

  @Test
  void aSilenceThatWasClosedRightAfterAStartIsTold() {
    Site site = new Site(racks(1), 2);
    site.seconds(3);
    site.falls(tray(0, 3));
    site.seconds(60);
    String first = site.open().getFirst().id();
    assertThat(site.unclear(first)).isEmpty();
    site.restart();
    assertThat(site.unclear(first)).containsExactly(tray(0, 3));
    site.returns(tray(0, 3));
    site.reconnect();
    site.falls(tray(0, 3)); // before it was judged
    site.close(first); // anyway
    long before = site.pages();
    site.seconds(120);
    assertThat(site.open()).hasSize(1);
    assertThat(site.pages()).isEqualTo(before + 1);
  }

  @Test
  void aNodeThatNeverComesBackAfterAStartIsNotUnclearForEver() {
    Site site = new Site(racks(1), 2);
    site.seconds(3);
    site.falls(tray(0, 3));
    site.seconds(60);
    String first = site.open().getFirst().id();
    site.restart();
    site.reconnect();
    site.seconds(61);
    assertThat(site.unclear(first)).isEmpty();
    site.close(first);
    site.minutes(40);
    assertThat(site.open()).isEmpty();
  }

  @Test
  void whatStillStandsOpensNoOtherUntilItHasBeenOver() {
    Site site = new Site(racks(1), 2);
    site.seconds(3);
    site.breaks(tray(0, 3), 0, "xid-reboot", "79");
    site.seconds(20);
    Incident first = site.open().getFirst();
    assertThat(site.tellers(first.id())).containsExactly(tray(0, 3));
    site.close(first.id());
    site.seconds(30);
    site.breaks(tray(0, 3), 1, "xid-link", "149"); // another device, another cause
    site.seconds(30);
    assertThat(site.open())
        .singleElement()
        .satisfies(
            one -> assertThat(one.root().orElseThrow().serial()).contains(serial(tray(0, 3), 1)));
    site.restart();
    site.reconnect();
    site.seconds(30);
    assertThat(site.open()).hasSize(1);
    assertThat(site.stored.values())
        .filteredOn(one -> one.id().equals(first.id()))
        .flatExtracting(Incident::members)
        .singleElement()
        .satisfies(one -> assertThat(one.clearedMs()).isEmpty());

    site.heals(tray(0, 3));
    site.seconds(70);
    assertThat(site.open()).isEmpty();
    site.breaks(tray(0, 3), 0, "xid-reboot", "79");
    site.seconds(20);
    assertThat(site.open())
        .singleElement()
        .satisfies(one -> assertThat(one.id()).isNotEqualTo(first.id()));
  }

  @Test
  void aStormOfCausesEndsInOneSummary() {
    Site site = new Site(racks(1), 4);
    for (int tray = 0; tray < 18; tray++) {
      site.breaks(tray(0, tray), 0, "xid-reset", "48");
    }
    site.seconds(30);
    assertThat(site.open()).hasSize(18);
    assertThat(site.pages()).isEqualTo(PageRate.MOST_OF_PART + 1);
    assertThat(site.notices.stream().filter(n -> n.kind() == Notice.Kind.SUMMARY)).hasSize(1);
    Set<Incident.Page> words = new HashSet<>(site.open().stream().map(Incident::page).toList());
    assertThat(words).containsExactlyInAnyOrder(Incident.Page.SENT, Incident.Page.SUPPRESSED);
  }
}
