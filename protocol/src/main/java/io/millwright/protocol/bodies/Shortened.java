package io.millwright.protocol.bodies;

import io.millwright.protocol.vocabulary.health.Evidence;
import io.millwright.protocol.vocabulary.health.HealthReport;
import io.millwright.protocol.vocabulary.health.Judgement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What stays of a {@link HealthReport} that is too long for its frame. */
final class Shortened {
  private static final Comparator<Piece> WORST_FIRST =
      Comparator.comparing((Piece piece) -> piece.evidence().observeOnly())
          .thenComparing(piece -> piece.evidence().verdict(), Comparator.reverseOrder())
          .thenComparing(piece -> piece.evidence().advice(), Comparator.reverseOrder());

  /** One piece of evidence, by its place in the report. */
  private record Piece(int judgement, int place, Evidence evidence) {}

  private Shortened() {}

  static byte[] of(HealthReport report, int most) {
    List<Judgement> judgements = report.judgements();
    int room = most - HealthBody.json(new HealthReport(report.atMs(), List.of())).length;
    Set<Integer> judged = new HashSet<>();
    for (int place : worstFirst(judgements)) {
      int bytes = HealthBody.bytes(judgements.get(place));
      if (bytes <= room) {
        room -= bytes;
        judged.add(place);
      }
    }
    Set<Piece> kept = kept(pieces(judgements, judged), room);
    List<Judgement> left = new ArrayList<>();
    for (int place = 0; place < judgements.size(); place++) {
      if (judged.contains(place)) {
        left.add(only(place, judgements.get(place), kept));
      }
    }
    return HealthBody.json(new HealthReport(report.atMs(), left));
  }

  private static List<Integer> worstFirst(List<Judgement> judgements) {
    List<Integer> places = new ArrayList<>();
    for (int place = 0; place < judgements.size(); place++) {
      places.add(place);
    }
    places.sort(
        Comparator.comparing(
            (Integer place) -> judgements.get(place).verdict(), Comparator.reverseOrder()));
    return places;
  }

  private static List<Piece> pieces(List<Judgement> judgements, Set<Integer> judged) {
    List<Piece> pieces = new ArrayList<>();
    for (int at : judged) {
      List<Evidence> evidence = judgements.get(at).evidence();
      for (int place = 0; place < evidence.size(); place++) {
        pieces.add(new Piece(at, place, evidence.get(place)));
      }
    }
    pieces.sort(WORST_FIRST);
    return pieces;
  }

  /** The worst pieces of all that fit; the first that does not ends it, so none milder stays. */
  private static Set<Piece> kept(List<Piece> worstFirst, int room) {
    Set<Piece> kept = new HashSet<>();
    int left = room;
    for (Piece piece : worstFirst) {
      left -= HealthBody.bytes(piece.evidence());
      if (left < 0) {
        return kept;
      }
      kept.add(piece);
    }
    return kept;
  }

  private static Judgement only(int at, Judgement judgement, Set<Piece> kept) {
    List<Evidence> evidence = new ArrayList<>();
    for (int place = 0; place < judgement.evidence().size(); place++) {
      Piece piece = new Piece(at, place, judgement.evidence().get(place));
      if (kept.contains(piece)) {
        evidence.add(piece.evidence());
      }
    }
    return new Judgement(judgement.subject(), judgement.verdict(), evidence);
  }
}
