package io.millwright.simulator.judgement;

import io.millwright.simulator.judgement.Act.Condition;
import io.millwright.simulator.judgement.Act.Whose;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** The words in which a trace says what happens to a node of so many devices. */
record ActText(int devices) {

  Act act(String verb, String rest) {
    String[] words = rest.split(" ");
    return switch (verb) {
      case "set" ->
          new Act.Set(
              whose(words[0]),
              series(words),
              Double.parseDouble(words[2]),
              words.length > 3 ? Double.parseDouble(words[3]) : 0);
      case "grow" -> new Act.Grow(whose(words[0]), series(words), Double.parseDouble(words[2]));
      case "add" -> new Act.Add(whose(words[0]), series(words), Double.parseDouble(words[2]));
      case "state" -> new Act.State(whose(words[0]), series(words));
      case "unread" -> new Act.Unread(whose(words[0]), series(words));
      case "xid" ->
          new Act.Xid(
              indices(words[0]), Integer.parseInt(words[1]), words.length > 2 ? words[2] : "");
      case "kernel" -> new Act.Kernel(rest);
      case "user" -> new Act.User(rest);
      case "flood" ->
          new Act.Flood(Integer.parseInt(words[0]), rest.substring(words[0].length() + 1));
      case "lost", "gone", "silent", "absent", "back" -> answer(verb, words[0], "");
      case "stuck" -> answer(verb, words[0], words[1]);
      case "driver" -> new Act.Driver(is(words[0], "loaded", "unloaded"));
      case "reset" -> new Act.Reset(indices(words[0]));
      case "reboot" -> new Act.Reboot();
      case "restart" -> new Act.Restart();
      case "job" -> new Act.Job(indices(words[0]), words[1].equals("-") ? "" : words[1]);
      case "probe" -> new Act.Probe(words[0], is(words[1], "works", "fails"));
      case "wall" -> new Act.Wall(Long.parseLong(words[0]));
      case "host" -> new Act.Host(is(words[0], "seen", "unseen"));
      case "expects" ->
          new Act.Expects(words[0].equals("nothing") ? -1 : Integer.parseInt(words[0]));
      default -> throw new IllegalArgumentException("nothing is done by the word " + verb);
    };
  }

  private Act answer(String verb, String devices, String call) {
    Condition condition =
        verb.equals("back") ? Condition.WELL : Condition.valueOf(verb.toUpperCase(Locale.ROOT));
    return new Act.Answer(indices(devices), condition, call);
  }

  private static boolean is(String word, String yes, String no) {
    if (!word.equals(yes) && !word.equals(no)) {
      throw new IllegalArgumentException("%s is neither %s nor %s".formatted(word, yes, no));
    }
    return word.equals(yes);
  }

  private Whose whose(String word) {
    return word.equals("node") ? new Whose.Node() : new Whose.Devices(indices(word));
  }

  private static SeriesName series(String[] words) {
    return words[0].equals("node") ? SeriesName.ofNode(words[1]) : SeriesName.ofDevice(words[1]);
  }

  List<Integer> indices(String word) {
    if (word.equals("all")) {
      return IntStream.range(0, devices).boxed().toList();
    }
    String[] ends = word.split("-");
    return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
        .boxed()
        .toList();
  }
}
