"""The classes of the model, and how the teacher's AudioSet classes and the corpus' sublabels map to them."""
import csv

# Output order. The first three raise alerts; the others are only ever reasons.
CLASSES = [
    "gunshot", "explosion", "crowd_clamour",
    "fireworks", "thunder", "door", "engine", "siren", "speech", "music", "rain", "wind",
    "dog", "bird", "glass", "hammer", "horn", "helicopter", "water", "applause",
    "jackhammer", "nail_gun", "backfire", "pop", "bell", "shout", "drum",
]
ALERTS = 3

TEACHER_NAMES = {
    "gunshot": ["Gunshot, gunfire", "Machine gun", "Fusillade", "Artillery fire"],
    "explosion": ["Explosion", "Boom", "Eruption"],
    "crowd_clamour": ["Crowd", "Cheering", "Chant", "Children shouting"],
    "fireworks": ["Fireworks", "Firecracker"],
    "thunder": ["Thunder", "Thunderstorm"],
    "door": ["Door", "Slam", "Knock", "Sliding door", "Cupboard open or close", "Drawer open or close"],
    "engine": ["Vehicle", "Car", "Truck", "Bus", "Motorcycle", "Engine", "Idling", "Engine starting",
               "Accelerating, revving, vroom", "Traffic noise, roadway noise", "Boat, Water vehicle",
               "Aircraft", "Chainsaw", "Train"],
    "siren": ["Siren", "Civil defense siren", "Police car (siren)", "Ambulance (siren)",
              "Fire engine, fire truck (siren)", "Emergency vehicle", "Car alarm", "Alarm"],
    "speech": ["Speech", "Conversation", "Narration, monologue", "Child speech, kid speaking",
               "Laughter"],
    "music": ["Music", "Musical instrument", "Singing"],
    "rain": ["Rain", "Raindrop", "Rain on surface"],
    "wind": ["Wind", "Wind noise (microphone)", "Rustling leaves"],
    "dog": ["Dog", "Bark", "Yip", "Howl"],
    "bird": ["Bird", "Bird vocalization, bird call, bird song", "Crow", "Pigeon, dove"],
    "glass": ["Glass", "Shatter", "Chink, clink", "Breaking"],
    "hammer": ["Hammer", "Sawing", "Tools", "Power tool", "Drill", "Wood", "Chop"],
    "horn": ["Vehicle horn, car horn, honking", "Toot", "Air horn, truck horn", "Train horn", "Foghorn"],
    "helicopter": ["Helicopter", "Propeller, airscrew"],
    "water": ["Water", "Stream", "Waterfall", "Ocean", "Waves, surf", "Splash, splatter", "Pour"],
    "applause": ["Applause", "Clapping"],
    "jackhammer": ["Jackhammer"],
    "nail_gun": [],   # the teacher has no such class: synthesised ones only
    "backfire": ["Engine knocking"],
    "pop": ["Burst, pop", "Cap gun"],
    "bell": ["Bell", "Church bell", "Bicycle bell", "Jingle bell", "Tubular bells"],
    "shout": ["Shout", "Yell", "Screaming", "Bellow", "Whoop"],
    "drum": ["Drum", "Drum kit", "Bass drum", "Snare drum", "Percussion"],
}

# A sublabel of the corpus that a listener vouches for: its class is at least CONFIRMED on patches it dominates.
CONFIRMED = 0.8
SUBLABEL_CLASS = {
    "fireworks": "fireworks", "thunder": "thunder", "siren/alarm": "siren", "speech": "speech",
    "music": "music", "glass": "glass", "horn": "horn", "engine/vehicle": "engine",
    "applause": "applause", "music/instrument": "music", "drum/percussion": "drum",
}


def teacher_columns(class_map_path):
    """Class → columns of the teacher's 521 scores; a name that the map lacks is an error."""
    with open(class_map_path, encoding="utf-8") as file:
        index = {row["display_name"]: int(row["index"]) for row in csv.DictReader(file)}
        missing = [n for names in TEACHER_NAMES.values() for n in names if n not in index]
    if missing:
        raise SystemExit(f"{class_map_path} lacks {', '.join(missing)}")
    return {name: [index[n] for n in names] for name, names in TEACHER_NAMES.items()}
