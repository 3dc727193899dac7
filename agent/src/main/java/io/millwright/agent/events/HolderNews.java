package io.millwright.agent.events;

/**
 * That a process outside a run has a device of it open, or has not any more.
 *
 * @param run as in {@code train-r1}
 * @param device uuid of the accelerator, of the first of several; empty where it is not known
 * @param process its number
 * @param holds whether it has; otherwise that is over
 * @param sentence which says neither whose process it is nor what the run is called
 * @param atMs when it was seen, by the wall clock
 */
public record HolderNews(
    String run, String device, long process, boolean holds, String sentence, long atMs) {}
