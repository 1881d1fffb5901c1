//! Chunks of small texts, case by case.
