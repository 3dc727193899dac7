package io.millwright.dashboards.grafana;

/** How Grafana writes a number; values are in base units, and it does the scaling. */
public enum Scale {
  COUNT("short"),
  WORD("none"),
  RATIO("percentunit"),
  BYTES("bytes"),
  BYTES_PER_SECOND("Bps"),
  WATTS("watt"),
  CELSIUS("celsius"),
  JOULES("joule"),
  HERTZ("hertz"),
  SECONDS("s"),
  PER_SECOND("cps"),
  /** A point in time, in milliseconds. */
  TIME("dateTimeAsIso");

  private final String word;

  Scale(String word) {
    this.word = word;
  }

  /** Grafana's name of the unit. */
  public String word() {
    return word;
  }
}
