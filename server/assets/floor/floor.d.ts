// The shapes that the modules of the floor's page share: what the stream says, and the words.

/** A person at a place, as the stream tells it. */
export interface PersonAtPlace {
  person: string;
  name: string;
  section: string;
  since_us: number;
}

/** A place and who is there; nobody: it is free. */
export interface TakenPlace {
  place: string;
  people: PersonAtPlace[];
}

/** Who is where: places without an entry are free. */
export type Occupancy = Map<string, PersonAtPlace[]>;

/** A seat or a room as the page knows it. */
export interface PlaceOnFloor {
  id: string;
  name: string;
  kind: 'seat' | 'room';
}

/** The words of the visitor's language, handed over by the page. */
export interface Words {
  language: 'ja' | 'en';
  free: string;
  taken: string;
  free_in_shape: string;
  taken_in_shape: string;
  room_free: string;
  room_taken: string;
  name_of_seat: string;
  name_of_taken: string;
  between_names: string;
  free_of_total: string;
  floor_filter_count: string;
  since: string;
  live_on: string;
  live_waiting: string;
  live_off: string;
  live_ended: string;
  said_arrived: string;
  said_left: string;
  said_my_seat: string;
  said_my_seat_lost: string;
}
